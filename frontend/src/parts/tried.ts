import { useCallback, useEffect, useRef } from 'preact/hooks'
import type { Known } from '../core/bridge.ts'
import { age } from '../core/countdown.ts'

/** In less time nobody opens the app, scans, confirms, and sees nothing happen. In milliseconds. */
const timeToScan = 20_000

/**
 * Answers whether someone has tried the code that a new one is to replace. Two
 * things say so:
 *
 * - The focus went into DingTalk's frame: a finger, a click, a key.
 * - Another code is asked for while this one waits, and it has been up for
 *   long enough to be scanned and confirmed. A scan touches nothing here, so
 *   this is all that shows of someone whose phone said «done».
 *
 * All else is no sign. Whoever presses «new code» at once wants a fresh code,
 * and who presses any other button wants what it says. Whoever asks after the
 * code's end has found it so, and may have come just then.
 *
 * A code that was tried and led nowhere says that the frame may not work here
 * (WebKitGTK gives foreign frames no cookies, and nothing reports it). The core
 * is told with the next one, and may give up the frame for good: a false sign
 * costs more than a missed one, which the next vain try makes up for.
 */
export function useTried(known: Known): () => boolean {
  const attempt = known.snapshot?.attempt ?? ''
  const waiting = known.snapshot?.phase === 'waiting'
  const touched = useRef('')

  useEffect(() => {
    if (!waiting) return
    // A foreign frame reports no events; that our page loses the focus to it does show.
    const note = () => {
      if (document.activeElement instanceof HTMLIFrameElement) touched.current = attempt
    }
    window.addEventListener('blur', note)
    return () => window.removeEventListener('blur', note)
  }, [attempt, waiting])

  return useCallback(() => {
    if (attempt === '') return false
    return touched.current === attempt || (waiting && age(known, performance.now()) >= timeToScan)
  }, [known, attempt, waiting])
}
