import type { Problem as Trouble, Snapshot } from '../core/snapshot.ts'
import { type Errand, isOffline } from '../core/view.ts'
import { Button } from '../parts/button.tsx'
import { Detail } from '../parts/detail.tsx'
import { Alert, Clock, Cross } from '../parts/icons.tsx'
import { Hint } from '../parts/hint.tsx'
import { Lead } from '../parts/lead.tsx'
import { Ways } from '../parts/ways.tsx'
import { problemWords, useTexts } from '../text/texts.ts'

interface Props {
  snapshot: Snapshot
  problem: Trouble
  go: (errand: Errand) => void
  begin: () => Promise<void>
}

/** Why nobody is signed in, and what to do next. Time that ran out is no alarm. */
export function Problem({ snapshot, problem, go, begin }: Props) {
  const { phase, hint } = snapshot
  const { language, text } = useTexts()
  const { title, next } = problemWords(language, problem.code, problem.detail)
  const calm = phase !== 'failed'
  const retry = { expired: text.problem.newCode, cancelled: text.problem.again }[phase as string]
  return (
    <section class="notice">
      <div class={calm ? 'badge badge-calm' : 'badge badge-bad'}>
        {phase === 'expired' ? <Clock /> : phase === 'cancelled' ? <Cross /> : <Alert />}
      </div>
      <h1 tabIndex={-1}>{title}</h1>
      <Lead text={next} />
      <Hint hint={hint} />
      {snapshot.can_retry ? (
        <div class="actions">
          {!isOffline(snapshot) && (
            <Button look="main" action={begin}>
              {retry ?? text.problem.retry}
            </Button>
          )}
          <Ways snapshot={snapshot} go={go} />
        </div>
      ) : (
        <Lead text={text.problem.close} />
      )}
      {!calm && <Detail problem={problem} />}
    </section>
  )
}
