import { useCallback, useState } from 'preact/hooks'
import { leave } from '../../core/leave.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Frame } from '../../parts/frame.tsx'
import { Hint } from '../../parts/hint.tsx'
import { Expand, Refresh } from '../../parts/icons.tsx'
import { Ways } from '../../parts/ways.tsx'
import { useTexts } from '../../text/texts.ts'
import type { WaitingProps } from './props.ts'

/** DingTalk's frame in our page. A frame can fail without a sign, so its full page is always on offer. */
export function InFrame({ bridge, known, snapshot, begin, go }: WaitingProps) {
  const { text } = useTexts()
  const [trouble, setTrouble] = useState(false)
  const answer = useCallback((url: URL) => void bridge.complete(url), [bridge])
  const despair = useCallback(() => setTrouble(true), [])
  const [open, scan, confirm] = text.waiting.steps

  return (
    <section class={trouble ? 'waiting waiting-trouble' : 'waiting'}>
      <h1 tabIndex={-1}>{text.waiting.title}</h1>
      <ol class="steps">
        <li>{open}</li>
        <li>{scan}</li>
        <li>{confirm}</li>
      </ol>
      <div class="code">
        <Frame
          address={bridge.frameAddress}
          title={text.waiting.frame}
          origin={snapshot.provider_origin}
          onAnswer={answer}
          onTrouble={despair}
        />
        <Countdown known={known} />
      </div>
      <div class="waiting-foot">
        <div class={trouble ? 'way-out way-out-now' : 'way-out'} role={trouble ? 'alert' : undefined}>
          <p>{text.waiting.trouble}</p>
          <Button look={trouble ? 'main' : 'plain'} action={() => leave(bridge, snapshot.attempt)}>
            <Expand />
            {text.waiting.fullPage}
          </Button>
        </div>
        <Hint hint={snapshot.hint} />
        <div class="actions">
          <Button action={begin}>
            <Refresh />
            {text.waiting.newCode}
          </Button>
          <Ways snapshot={snapshot} go={go} />
          <Button look="quiet" action={() => bridge.cancel()}>
            {text.cancel}
          </Button>
        </div>
      </div>
    </section>
  )
}
