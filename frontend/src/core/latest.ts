import type { Known } from './bridge.ts'
import type { Problem, Snapshot } from './snapshot.ts'

/**
 * Takes in a snapshot unless it is older than what is known. The pull and the
 * event stream race each other, so the same change may come twice or late; an
 * equal sequence number is taken, since its clock is newer. A core that was
 * lost and is back may be another one, which counts from the beginning.
 */
export function receive(known: Known, snapshot: Snapshot, receivedAt: number): Known {
  const before = known.snapshot?.seq ?? -1
  if (snapshot.seq < before && known.link === 'live') return known
  const refusal = snapshot.seq === before ? known.refusal : null
  return { link: 'live', snapshot, receivedAt, refusal }
}

/** True for what looks like a snapshot; a proxy's HTML page does not. */
export function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false
  const { seq, phase, now } = value as Record<string, unknown>
  return typeof seq === 'number' && typeof phase === 'string' && typeof now === 'string'
}

/** Reads the core's refusal: `{"error": {"code": …}}`. Anything else is an internal error. */
export function refusalOf(value: unknown): Problem {
  const { error } = (value ?? {}) as { error?: Partial<Problem> }
  return typeof error?.code === 'string' ? { ...error, code: error.code } : { code: 'internal' }
}
