import type { Known } from '../../core/bridge.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Errand } from '../../core/view.ts'
import { Button } from '../../parts/button.tsx'
import { Clock, Unplugged } from '../../parts/icons.tsx'
import { Lead } from '../../parts/lead.tsx'
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
    const clockLead = [text.clock.next, text.clock.heals, text.clock.mend]
    return (
      <section class="notice">
        <div class="badge badge-warn">{clock ? <Clock /> : <Unplugged />}</div>
        <h1 tabIndex={-1}>{clock?.title ?? text.offline.none}</h1>
        <Lead text={clock ? clockLead.join(language === 'en' ? ' ' : '') : text.offline.noneLead} />
        <Cancel snapshot={snapshot} cancel={cancel} />
      </section>
    )
  }
  return (
    <section class="notice offline">
      {!clock && <Now known={known} />}
      <h1 tabIndex={-1}>{text.offline.title}</h1>
      <Lead text={text.offline.lead[ways.length > 1 ? 'both' : only]} />
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
