import type { Errand } from '../core/view.ts'
import type { Snapshot, Way } from '../core/snapshot.ts'
import { useTexts } from '../text/texts.ts'
import { Button } from './button.tsx'
import { Badge, Grid } from './icons.tsx'

interface Props {
  snapshot: Snapshot
  go: (errand: Errand) => void
  look?: 'main' | 'plain' | 'quiet'
  /** The way that is being tried already. */
  but?: Way
}

/** A button for each way to sign in without DingTalk that can work now; nothing where there is none. */
export function Ways({ snapshot, go, look = 'plain', but }: Props) {
  const { text } = useTexts()
  return (
    <>
      {waysOf(snapshot)
        .filter((way) => way !== but)
        .map((way) => (
          <Button key={way} look={look} action={() => go(way)}>
            {way === 'pin' ? <Grid /> : <Badge />}
            {text.offline.ways[way]}
          </Button>
        ))}
    </>
  )
}

/** The ways that can work now and that this interface knows. */
export function waysOf({ offline }: Snapshot): Way[] {
  return (['badge', 'pin'] as const).filter((way) => offline?.ways?.includes(way))
}
