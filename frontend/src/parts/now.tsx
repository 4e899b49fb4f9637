import type { Known } from '../core/bridge.ts'
import { coreTime } from '../core/countdown.ts'
import { longDay, timeOfDay } from '../text/moment.ts'
import { useTexts } from '../text/texts.ts'
import { useTicker } from './ticker.ts'

/** The time and the day, large. */
export function Now({ known }: { known: Known }) {
  const { language } = useTexts()
  const now = coreTime(known, Math.max(useTicker(1000), known.receivedAt))
  return (
    <p class="idle-clock">
      <time>{timeOfDay(now, language)}</time>
      <span class="idle-day">{longDay(now, language)}</span>
    </p>
  )
}
