import type { Known } from '../core/bridge.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { Errand } from '../core/view.ts'
import { Button } from '../parts/button.tsx'
import { Lead } from '../parts/lead.tsx'
import { Now } from '../parts/now.tsx'
import { Ways } from '../parts/ways.tsx'
import { useTexts } from '../text/texts.ts'

interface Props {
  known: Known
  snapshot: Snapshot
  begin: () => Promise<void>
  go: (errand: Errand) => void
}

/** Nobody is signed in and nothing runs: the time, and what to begin with. */
export function Idle({ known, snapshot, begin, go }: Props) {
  const { text } = useTexts()
  return (
    <section class="notice idle">
      <Now known={known} />
      <h1 tabIndex={-1}>{text.idle.title}</h1>
      <Lead text={text.idle.lead} />
      <div class="actions">
        <Button look="main" action={begin}>
          {text.signIn}
        </Button>
        <Ways snapshot={snapshot} go={go} />
      </div>
    </section>
  )
}
