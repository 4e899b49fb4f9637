import { useContext, useEffect, useState } from 'preact/hooks'
import { useTexts } from '../text/texts.ts'
import { Announce } from './announcer.tsx'
import { useTicker } from './ticker.ts'

/** Who does not touch anything for so long has gone, and what was typed goes too. In seconds. */
const patience = 30

/** So long before that it is said (WCAG 2.2.1: at least 20 seconds, to be had again by any key). */
const warning = 20

/**
 * Leaves when nobody has touched anything for a while. Answers how many seconds
 * are left, null while there is no need to say it.
 */
export function useLeaving(leave: () => void): number | null {
  const { text } = useTexts()
  const announce = useContext(Announce)
  const [touched, setTouched] = useState(() => performance.now())
  const at = useTicker(1000)
  const left = Math.ceil(patience - Math.max(0, at - touched) / 1000)

  useEffect(() => {
    const note = () => setTouched(performance.now())
    const signs = ['keydown', 'pointerdown', 'input', 'focusin'] as const
    for (const sign of signs) window.addEventListener(sign, note, true)
    return () => {
      for (const sign of signs) window.removeEventListener(sign, note, true)
    }
  }, [])

  const late = left <= warning
  useEffect(() => {
    if (late) announce(text.offline.leavingSpoken(warning))
  }, [late, announce, text])

  const over = left <= 0
  useEffect(() => {
    if (!over) return
    announce(text.offline.left)
    leave()
  }, [over, leave, announce, text])

  return late ? Math.max(0, left) : null
}
