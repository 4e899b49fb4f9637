import type { Bridge, Known } from '../../core/bridge.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Errand } from '../../core/view.ts'

/** What every way of waiting needs. */
export interface WaitingProps {
  bridge: Bridge
  known: Known
  snapshot: Snapshot
  /** Asks for a new code. */
  begin: () => Promise<void>
  /** Leaves the code for another way to sign in. */
  go: (errand: Errand) => void
}
