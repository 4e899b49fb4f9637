import { monogram, monogramColour } from '../core/monogram.ts'
import type { Person } from '../core/snapshot.ts'
import { Button } from '../parts/button.tsx'
import { Check, Cloud } from '../parts/icons.tsx'
import { dayAndTime, timeOfDay } from '../text/moment.ts'
import { useTexts } from '../text/texts.ts'

/** More characters than this do not fit on one line at full size. */
const longName = 10

interface Props {
  person: Person
  /** False: the result has gone to another program, which signs out as it likes. */
  canSignOut: boolean
  signOut: () => Promise<void>
}

/** Who is signed in. */
export function Welcome({ person, canSignOut, signOut }: Props) {
  const { language, text } = useTexts()
  const { title, job_number, source, verified_at, offline_until } = person
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
      </ul>
      {canSignOut ? (
        <div class="actions">
          <Button action={signOut}>{text.signOut}</Button>
        </div>
      ) : (
        <p class="lead">{text.welcome.close}</p>
      )}
      {offline_until && <p class="small">{text.welcome.until(dayAndTime(offline_until, language))}</p>}
    </section>
  )
}
