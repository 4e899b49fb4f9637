import { monogram, monogramColour } from '../core/monogram.ts'
import type { Person, Snapshot } from '../core/snapshot.ts'
import type { Errand } from '../core/view.ts'
import { Button } from '../parts/button.tsx'
import { Alert, Check, Cloud, Grid } from '../parts/icons.tsx'
import { Lead } from '../parts/lead.tsx'
import { dayAndTime, timeOfDay } from '../text/moment.ts'
import { limitsOf, useTexts } from '../text/texts.ts'

/** More characters than this do not fit on one line at full size. */
const longName = 10

interface Props {
  snapshot: Snapshot
  person: Person
  signOut: () => Promise<void>
  go: (errand: Errand) => void
}

/** Who is signed in. */
export function Welcome({ snapshot, person, signOut, go }: Props) {
  const { language, text } = useTexts()
  const { title, job_number, source, verified_at } = person
  const { enrolled, can_enrol: canEnrol = false } = snapshot.offline ?? {}
  const hasPin = enrolled?.includes('pin') ?? false
  const limits = limitsOf(text, person, snapshot.now, language)
  const facts = [title, job_number && text.welcome.jobNumber(job_number)].filter(Boolean)
  return (
    <section class="notice welcome">
      <div class={`monogram monogram-${monogramColour(person.name)}`} aria-hidden="true">
        {monogram(person.name)}
        <span class="monogram-check">
          <Check />
        </span>
      </div>
      <h1 tabIndex={-1}>
        <span class="welcome-greeting">{text.welcome.greeting}</span>{' '}
        <span class={person.name.length > longName ? 'welcome-name welcome-name-long' : 'welcome-name'}>
          {person.name}
        </span>
      </h1>
      {facts.length > 0 && <p class="lead">{facts.join(' · ')}</p>}
      <ul class="facts">
        <li>
          <Check />
          {source === 'cache'
            ? text.welcome.verified(dayAndTime(verified_at, language))
            : text.welcome.at(timeOfDay(verified_at, language))}
        </li>
        {source === 'cache' && (
          <li class="fact-warn">
            <Cloud />
            {text.welcome.cache}
          </li>
        )}
        {person.reason === 'refresh_due' && (
          <li class="fact-warn">
            <Alert />
            {text.welcome.refreshDue}
          </li>
        )}
      </ul>
      {/* False: the result has gone to another program, which signs out as it likes. */}
      {snapshot.can_retry ? (
        <div class="actions">
          <Button action={signOut}>{text.signOut}</Button>
          {(hasPin || canEnrol) && (
            <Button look={hasPin ? 'quiet' : 'plain'} action={() => go('enrol')}>
              <Grid />
              {hasPin ? text.welcome.ownPin : text.welcome.setPin}
            </Button>
          )}
        </div>
      ) : (
        <Lead text={text.welcome.close} />
      )}
      {limits && <p class="small">{limits}</p>}
    </section>
  )
}
