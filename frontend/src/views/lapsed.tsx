import type { Person, Snapshot } from '../core/snapshot.ts'
import { type Errand, isOffline } from '../core/view.ts'
import { Button } from '../parts/button.tsx'
import { Lead } from '../parts/lead.tsx'
import { Ways } from '../parts/ways.tsx'
import { refusedWords, useTexts } from '../text/texts.ts'
import { RefusedSign } from './offline/refused.tsx'

interface Props {
  snapshot: Snapshot
  person: Person
  begin: () => Promise<void>
  signOut: () => Promise<void>
  go: (errand: Errand) => void
}

/** Somebody is remembered here and may not pass on memory alone: why, and what to do. */
export function Lapsed({ snapshot, person, begin, signOut, go }: Props) {
  const { text } = useTexts()
  const reason = person.reason ?? ''
  const { title, next } = refusedWords(text, reason)
  return (
    <section class="notice">
      <RefusedSign reason={reason} />
      <h1 tabIndex={-1}>
        <span class="lapsed-name">{person.name}</span> {title}
      </h1>
      <Lead text={next} />
      <div class="actions">
        {!isOffline(snapshot) && (
          <Button look="main" action={begin}>
            {text.signIn}
          </Button>
        )}
        <Ways snapshot={snapshot} go={go} />
        {snapshot.can_retry && (
          <Button look="quiet" action={signOut}>
            {text.signOut}
          </Button>
        )}
      </div>
    </section>
  )
}
