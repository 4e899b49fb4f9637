import { useContext, useEffect, useRef } from 'preact/hooks'
import type { Known } from '../core/bridge.ts'
import { clockFace, momentPassed, remaining } from '../core/countdown.ts'
import { useTexts } from '../text/texts.ts'
import { Announce } from './announcer.tsx'
import { useTicker } from './ticker.ts'

/** The time left of the attempt as a bar and in figures. */
export function Countdown({ known }: { known: Known }) {
  const { text } = useTexts()
  const announce = useContext(Announce)
  const left = remaining(known, Math.max(useTicker(250), known.receivedAt))
  const seconds = left?.seconds ?? 0
  const before = useRef(seconds)

  useEffect(() => {
    const moment = momentPassed(before.current, seconds)
    before.current = seconds
    if (moment !== null) announce(text.waiting.leftSpoken(moment))
  }, [seconds, announce, text])

  if (left === null) return null
  return (
    <div class={seconds <= 30 ? 'countdown countdown-late' : 'countdown'} role="timer" aria-live="off">
      <span class="countdown-label">{seconds > 0 ? text.waiting.left : text.waiting.over}</span>
      <span class="countdown-figures">{clockFace(seconds)}</span>
      <svg class="countdown-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect class="countdown-rest" width="100" height="1" />
        <rect class="countdown-left" width={left.share * 100} height="1" />
      </svg>
    </div>
  )
}
