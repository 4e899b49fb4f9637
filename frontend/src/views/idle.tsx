import type { Known } from '../core/bridge.ts'
import { coreTime } from '../core/countdown.ts'
import { Button } from '../parts/button.tsx'
import { useTicker } from '../parts/ticker.ts'
import { longDay, timeOfDay } from '../text/moment.ts'
import { useTexts } from '../text/texts.ts'

interface Props {
  known: Known
  begin: () => Promise<void>
}

/** Nobody is signed in and nothing runs: the time, and one button. */
export function Idle({ known, begin }: Props) {
  const { language, text } = useTexts()
  const now = coreTime(known, Math.max(useTicker(1000), known.receivedAt))
  return (
    <section class="notice idle">
      <p class="idle-clock">
        <time>{timeOfDay(now, language)}</time>
        <span class="idle-day">{longDay(now, language)}</span>
      </p>
      <h1 tabIndex={-1}>{text.idle.title}</h1>
      <p class="lead">{text.idle.lead}</p>
      <div class="actions">
        <Button look="main" action={begin}>
          {text.signIn}
        </Button>
      </div>
    </section>
  )
}
