import type { Known } from './bridge.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Takes in a snapshot unless it is older than what is known. The pull and the
 * event stream race each other, so the same change may come twice or late; an
 * equal sequence number is taken, since its clock is newer.
 */
export function receive(known: Known, snapshot: Snapshot, receivedAt: number): Known {
  if (known.snapshot !== null && snapshot.seq < known.snapshot.seq) {
    return { ...known, link: 'live' }
  }
  return { link: 'live', snapshot, receivedAt }
}

/** True for what looks like a snapshot; a proxy's HTML page does not. */
export function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false
  const { seq, phase, now } = value as Record<string, unknown>
  return typeof seq === 'number' && typeof phase === 'string' && typeof now === 'string'
}
