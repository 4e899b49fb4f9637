import { useEffect } from 'preact/hooks'
import { leave, leaveOnce } from '../../core/leave.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Hint } from '../../parts/hint.tsx'
import { Lead } from '../../parts/lead.tsx'
import { Ways } from '../../parts/ways.tsx'
import { useTexts } from '../../text/texts.ts'
import type { WaitingProps } from './props.ts'

/** DingTalk has the whole window: we leave for it, and are here for whoever comes back. */
export function InPage({ bridge, known, snapshot, begin, go }: WaitingProps) {
  const { text } = useTexts()
  const { attempt } = snapshot

  useEffect(() => leaveOnce(bridge, attempt), [attempt, bridge])

  return (
    <section class="notice">
      <h1 tabIndex={-1}>{text.waiting.pageTitle}</h1>
      <Lead text={text.waiting.pageLead} />
      <Countdown known={known} />
      <div class="actions">
        <Button look="main" action={() => leave(bridge, attempt)}>
          {text.waiting.pageButton}
        </Button>
        <Button action={begin}>{text.waiting.newCode}</Button>
        <Ways snapshot={snapshot} go={go} />
        <Button look="quiet" action={() => bridge.cancel()}>
          {text.cancel}
        </Button>
      </div>
      <Hint hint={snapshot.hint} />
    </section>
  )
}
