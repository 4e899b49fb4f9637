import { useState } from 'preact/hooks'
import type { Answer } from '../../core/bridge.ts'
import { secondsUntil } from '../../core/countdown.ts'
import { Entry } from '../../parts/entry.tsx'
import { Errand } from '../../parts/errand.tsx'
import { useTicker } from '../../parts/ticker.ts'
import { Ways } from '../../parts/ways.tsx'
import { refusedWords, type Texts, useTexts } from '../../text/texts.ts'
import { JobNumber } from './job_number.tsx'
import type { ErrandProps } from './props.ts'
import { RefusedSign, RefusedWays } from './refused.tsx'

/** Reasons that another PIN, or the same a little later, may overcome. */
const passing = ['wrong_pin', 'locked']

/**
 * Sign in by PIN. Whose PIN it is, is asked first, and never by a list: the
 * screen may be a public one. A device that knows its last person does not ask.
 */
export function Pin(props: ErrandProps) {
  const { bridge, known, snapshot, go, back } = props
  const { text } = useTexts()
  const [number, setNumber] = useState('')
  const [answer, setAnswer] = useState<Answer | 'none' | null>(null)
  const [busy, setBusy] = useState(false)
  const wait = useWait(props, answer)

  const submit = async (pin: string) => {
    setBusy(true)
    const said = await bridge.signInByPin(pin, number === '' ? undefined : number)
    setAnswer(said ?? 'none')
    // After a success the next snapshot shows who it is.
    setBusy(said?.result === 'ok')
  }
  const again = () => {
    setAnswer(null)
    setNumber('')
  }

  const reason = finalReason(answer, snapshot.offline?.lock?.reason)
  if (reason !== null) {
    const { title, next } = refusedWords(text, reason)
    const sign = <RefusedSign reason={reason} />
    return (
      <Errand key="pin" look="notice" step="refused" title={title} lead={next} sign={sign} back={back}>
        <RefusedWays props={props} way="pin" again={again} />
      </Errand>
    )
  }
  const foot = <Ways snapshot={snapshot} go={go} but="pin" look="quiet" />
  if (number === '' && snapshot.person === undefined) {
    return (
      <Errand
        key="pin"
        look="board"
        step="number"
        title={text.pin.numberTitle}
        lead={text.pin.numberLead}
        foot={foot}
        back={back}
      >
        <JobNumber submit={setNumber} />
      </Errand>
    )
  }
  const lead = number === '' ? snapshot.person?.name : text.pin.of(number)
  return (
    <Errand key="pin" look="pad" step="pin" title={text.pin.title} lead={lead} foot={foot} back={back}>
      <Entry
        word={wordOf(text, answer, known.snapshot?.offline?.lock?.left)}
        wait={wait}
        busy={busy}
        enter={text.pin.enter}
        submit={(pin) => void submit(pin)}
      />
    </Errand>
  )
}

/** How many seconds no PIN is taken: by the last answer, or by what the core tells of itself. */
function useWait({ known }: ErrandProps, answer: Answer | 'none' | null): number {
  const at = Math.max(useTicker(250), known.receivedAt)
  const told =
    answer !== null && answer !== 'none' && answer.result === 'refused' ? answer.retry_at : undefined
  const ends = [told, known.snapshot?.offline?.lock?.until]
  return Math.max(...ends.map((end) => secondsUntil(end, known, at)))
}

/** Why no PIN helps; null while one may. */
function finalReason(answer: Answer | 'none' | null, lock: string | undefined): string | null {
  if (
    answer !== null &&
    answer !== 'none' &&
    answer.result === 'refused' &&
    !passing.includes(answer.reason)
  ) {
    return answer.reason
  }
  return lock === undefined || passing.includes(lock) ? null : lock
}

/** What was wrong with the last PIN, and how many tries are left. */
function wordOf(text: Texts, answer: Answer | 'none' | null, left: number | undefined): string {
  if (answer === 'none') return text.offline.noAnswer
  const refused = answer?.result === 'refused' ? answer : undefined
  const tries = refused?.left ?? left
  return [
    refused && refusedWords(text, refused.reason).title,
    tries !== undefined && tries > 0 && text.offline.triesLeft(tries),
  ]
    .filter(Boolean)
    .join(' · ')
}
