import { useCallback, useEffect, useRef } from 'preact/hooks'

const signs = ['pointerdown', 'keydown', 'touchstart'] as const

/**
 * Watches whether anyone is at the screen while a code is shown: touches our
 * page, or moves the focus into DingTalk's frame. A code that then ends unused
 * says that the frame may not work here (WebKitGTK gives foreign frames no
 * cookies, and nothing reports it), so the core is told with the next one.
 */
export function useTried(attempt: string, waiting: boolean): () => boolean {
  const tried = useRef('')

  useEffect(() => {
    if (!waiting) return
    const note = () => {
      tried.current = attempt
    }
    const noteFrame = () => {
      if (document.activeElement instanceof HTMLIFrameElement) note()
    }
    for (const sign of signs) document.addEventListener(sign, note, { capture: true, passive: true })
    window.addEventListener('blur', noteFrame)
    return () => {
      for (const sign of signs) document.removeEventListener(sign, note, { capture: true })
      window.removeEventListener('blur', noteFrame)
    }
  }, [attempt, waiting])

  return useCallback(() => attempt !== '' && tried.current === attempt, [attempt])
}
