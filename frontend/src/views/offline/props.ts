import type { Bridge, Known } from '../../core/bridge.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Errand } from '../../core/view.ts'

/** What every errand needs. */
export interface ErrandProps {
  bridge: Bridge
  known: Known
  snapshot: Snapshot
  /** Sets out for another one. */
  go: (errand: Errand) => void
  /** Gives it up. */
  back: () => void
  /** Shows DingTalk's code instead. */
  scan: () => Promise<void>
}
