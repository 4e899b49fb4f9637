import { leave } from '../../core/leave.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Hint } from '../../parts/hint.tsx'
import { Lead } from '../../parts/lead.tsx'
import { Paste } from '../../parts/paste.tsx'
import { Ways } from '../../parts/ways.tsx'
import { useTexts } from '../../text/texts.ts'
import type { WaitingProps } from './props.ts'

/** The system browser shows DingTalk; this page waits beside it. */
export function InBrowser({ bridge, known, snapshot, begin, go }: WaitingProps) {
  const { text } = useTexts()
  return (
    <section class="notice">
      <h1 tabIndex={-1}>{text.waiting.browserTitle}</h1>
      <Lead text={text.waiting.browserLead} />
      <Countdown known={known} />
      <div class="actions">
        <Button look="main" action={() => leave(bridge, snapshot.attempt)}>
          {text.waiting.browserButton}
        </Button>
        <Button action={begin}>{text.waiting.newCode}</Button>
        <Ways snapshot={snapshot} go={go} />
        <Button look="quiet" action={() => bridge.cancel()}>
          {text.cancel}
        </Button>
      </div>
      <Hint hint={snapshot.hint} />
      <Paste open={(answer) => bridge.openAnswer(answer)} />
    </section>
  )
}
