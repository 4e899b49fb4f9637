import { useEffect } from 'preact/hooks'
import { recall, remember } from '../../core/memory.ts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { Hint } from '../../parts/hint.tsx'
import { useTexts } from '../../text/texts.ts'
import type { WaitingProps } from './waiting.tsx'

const leftFor = 'dingpass.left-for-page'

/**
 * DingTalk has the whole window. The page leaves for it by itself, once for an
 * attempt: whoever comes back with Back wants to be here, and finds a button.
 */
export function InPage({ bridge, known, snapshot, begin }: WaitingProps) {
  const { text } = useTexts()
  const { attempt } = snapshot

  useEffect(() => {
    // Where nothing is remembered, leaving by itself would be a trap.
    if (recall(leftFor) !== attempt && remember(leftFor, attempt)) bridge.openPage()
  }, [attempt, bridge])

  return (
    <section class="notice">
      <h1 tabIndex={-1}>{text.waiting.pageTitle}</h1>
      <p class="lead">{text.waiting.pageLead}</p>
      <Countdown known={known} />
      <div class="actions">
        <Button look="main" action={() => bridge.openPage()}>
          {text.waiting.pageButton}
        </Button>
        <Button action={begin}>{text.waiting.newCode}</Button>
        <Button look="quiet" action={() => bridge.cancel()}>
          {text.cancel}
        </Button>
      </div>
      <Hint hint={snapshot.hint} />
    </section>
  )
}
