import { useEffect, useRef, useState } from 'preact/hooks'
import type { Person } from '../../core/snapshot.ts'
import { Button } from '../../parts/button.tsx'
import { Entry } from '../../parts/entry.tsx'
import { Errand } from '../../parts/errand.tsx'
import { Check, Grid } from '../../parts/icons.tsx'
import { limitsOf, refusedWords, useTexts } from '../../text/texts.ts'
import type { ErrandProps } from './props.ts'
import { RefusedSign } from './refused.tsx'

type Step = 'own' | 'first' | 'again' | 'done' | 'dropped' | 'refused'

/** Sets a PIN for days without network, or drops it. */
export function Enrol({ bridge, snapshot, person, back }: ErrandProps & { person: Person }) {
  const { language, text } = useTexts()
  const { enrolled = [], can_enrol: canEnrol = false } = snapshot.offline ?? {}
  const [step, setStep] = useState<Step>(enrolled.includes('pin') ? 'own' : 'first')
  const [word, setWord] = useState('')
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const first = useHidden()

  const start = (why: string) => {
    first.current = ''
    setWord(why)
    setStep('first')
  }
  const refuse = (why: string) => {
    const weak = Object.hasOwn(text.enrol.weak, why) ? text.enrol.weak[why] : undefined
    if (weak !== undefined) start(weak)
    else {
      setReason(why)
      setStep('refused')
    }
  }
  const ask = async (call: ReturnType<typeof bridge.revoke>, done: Step) => {
    setBusy(true)
    const answer = await call
    setBusy(false)
    if (answer === null) setWord(text.offline.noAnswer)
    else if (answer.result === 'refused') refuse(answer.reason)
    else setStep(done)
  }
  const submit = async (pin: string) => {
    const before = first.current
    setWord('')
    if (step === 'first') {
      first.current = pin
      setStep('again')
      return
    }
    first.current = ''
    if (before !== pin) start(text.enrol.differ)
    else await ask(bridge.enrol(pin), 'done')
  }
  const limits = limitsOf(text, person, snapshot.now, language)

  switch (step) {
    case 'own':
      return (
        <Errand
          key="enrol"
          look="notice"
          step={step}
          title={text.enrol.ownTitle}
          lead={word || text.enrol.ownLead}
          sign={<Sign />}
          back={back}
        >
          <div class="actions">
            {canEnrol && <Button action={() => setStep('first')}>{text.enrol.change}</Button>}
            <Button action={() => ask(bridge.revoke(), 'dropped')}>{text.enrol.drop}</Button>
          </div>
        </Errand>
      )
    case 'first':
    case 'again': {
      const [title, lead] =
        step === 'first' ? [text.enrol.title, text.enrol.lead] : [text.enrol.againTitle, text.enrol.againLead]
      return (
        <Errand key="enrol" look="pad" step={step} title={title} lead={lead} back={back}>
          <Entry
            key={step}
            word={word}
            wait={0}
            busy={busy}
            enter={step === 'first' ? text.pin.next : text.pin.save}
            submit={(pin) => void submit(pin)}
          />
        </Errand>
      )
    }
    case 'refused': {
      const { title, next } = refusedWords(text, reason)
      const sign = <RefusedSign reason={reason} />
      return (
        <Errand key="enrol" look="notice" step={step} title={title} lead={next} sign={sign} back={back} />
      )
    }
    default: {
      const set = step === 'done'
      const said = limits === '' ? text.enrol.doneLead : text.enrol.doneUntil(limits)
      return (
        <Errand
          key="enrol"
          look="notice"
          step={step}
          title={set ? text.enrol.done : text.enrol.dropped}
          lead={set ? said : text.enrol.droppedLead}
          sign={<Sign done />}
          end={text.enrol.ok}
          back={back}
        />
      )
    }
  }
}

function Sign({ done = false }: { done?: boolean }) {
  return <div class="badge badge-calm">{done ? <Check /> : <Grid />}</div>
}

/** A PIN that waits for its repetition: outside of what is rendered, and gone with the view. */
function useHidden() {
  const hidden = useRef('')
  useEffect(
    () => () => {
      hidden.current = ''
    },
    [],
  )
  return hidden
}
