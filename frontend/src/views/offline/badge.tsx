import type { TargetedEvent } from 'preact'
import { useState } from 'preact/hooks'
import { Errand } from '../../parts/errand.tsx'
import { Fold } from '../../parts/fold.tsx'
import { Scan } from '../../parts/icons.tsx'
import { Ways } from '../../parts/ways.tsx'
import type { BadgeReader } from '../../parts/wedge.ts'
import { refusedWords, useTexts } from '../../text/texts.ts'
import type { ErrandProps } from './props.ts'
import { RefusedSign, RefusedWays } from './refused.tsx'

/** Sign in by badge: what the scanner is waiting for, reading, or has been told. */
export function Badge({ reader, ...props }: ErrandProps & { reader: BadgeReader }) {
  const { snapshot, go, back } = props
  const { text } = useTexts()
  const { reading } = reader

  if (reading.at === 'refused') {
    const { reason } = reading.answer
    const { title, next } = refusedWords(text, reason)
    const sign = <RefusedSign reason={reason} />
    return (
      <Errand key="badge" look="notice" step="refused" title={title} lead={next} sign={sign} back={back}>
        <RefusedWays props={props} way="badge" again={reader.reset} />
      </Errand>
    )
  }
  const busy = reading.at === 'reading' || reading.at === 'checking'
  const said = {
    ready: text.badge.lead,
    reading: text.badge.reading,
    checking: text.offline.checking,
    unanswered: text.offline.noAnswer,
  }[reading.at]
  const sign = (
    <div class="scanner" data-busy={busy} aria-hidden="true">
      <Scan />
    </div>
  )
  return (
    <Errand
      key="badge"
      look="notice"
      step="scan"
      title={text.badge.title}
      lead={<span role="status">{said}</span>}
      sign={sign}
      foot={<Ways snapshot={snapshot} go={go} but="badge" look="quiet" />}
      back={back}
    >
      <Typed take={reader.take} />
    </Errand>
  )
}

/** The way out where there is no scanner. */
function Typed({ take }: { take: (text: string) => Promise<void> }) {
  const { text } = useTexts()
  const [typed, setTyped] = useState('')
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>) => {
    event.preventDefault()
    const badge = typed.trim()
    setTyped('')
    if (badge !== '') void take(badge)
  }
  return (
    <Fold label={text.badge.typed}>
      <form class="paste-line" onSubmit={submit}>
        <input
          name="badge"
          aria-label={text.badge.label}
          autocomplete="off"
          inputMode="numeric"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button class="button button-plain">{text.badge.submit}</button>
      </form>
    </Fold>
  )
}
