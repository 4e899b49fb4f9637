import type { Known } from '../../core/bridge.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Errand } from '../../core/view.ts'
import { Button } from '../../parts/button.tsx'
import { Clock, Unplugged } from '../../parts/icons.tsx'
import { Now } from '../../parts/now.tsx'
import { useClockWords } from '../../parts/warnings.tsx'
import { Ways, waysOf } from '../../parts/ways.tsx'
import { useTexts } from '../../text/texts.ts'

interface Props {
  known: Known
  snapshot: Snapshot
  go: (errand: Errand) => void
  cancel: () => Promise<void>
}

/** No network, so no code: the ways that work without. Where there is none, why. */
export function Start({ known, snapshot, go, cancel }: Props) {
  const { language, text } = useTexts()
  const ways = waysOf(snapshot)
  const clock = useClockWords(snapshot.clock)
  const [only] = ways
  if (only === undefined) {
    return (
      <section class="notice">
        <div class="badge badge-calm">{clock ? <Clock /> : <Unplugged />}</div>
        <h1 tabIndex={-1}>{clock?.title ?? text.offline.none}</h1>
        <p class="lead">{clock ? text.clock.next : text.offline.noneLead}</p>
        {clock && (
          <p class="lead">{[text.clock.heals, text.clock.mend].join(language === 'en' ? ' ' : '')}</p>
        )}
        <Cancel snapshot={snapshot} cancel={cancel} />
      </section>
    )
  }
  return (
    <section class="notice offline">
      {!clock && <Now known={known} />}
      <h1 tabIndex={-1}>{text.offline.title}</h1>
      <p class="lead">{text.offline.lead[ways.length > 1 ? 'both' : only]}</p>
      <div class="actions">
        <Ways snapshot={snapshot} go={go} look="main" />
      </div>
      <Cancel snapshot={snapshot} cancel={cancel} />
    </section>
  )
}

/** Where another program waits for the result, it can still be told that there is none. */
function Cancel({ snapshot, cancel }: Pick<Props, 'snapshot' | 'cancel'>) {
  const { text } = useTexts()
  if (snapshot.phase !== 'waiting' || snapshot.can_retry) return null
  return (
    <div class="actions">
      <Button look="quiet" action={cancel}>
        {text.cancel}
      </Button>
    </div>
  )
}
