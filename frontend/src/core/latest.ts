import type { Answer, Known } from './bridge.ts'
import type { Problem, Snapshot } from './snapshot.ts'

/**
 * Takes in a snapshot unless it is older than what is known. The pull and the
 * event stream race each other, so the same change may come twice or late; of
 * two with the same sequence number the core's clock tells the later one, which
 * may have a hint that the other has not. A core that was lost and is back may
 * be another one, which counts from the beginning.
 */
export function receive(known: Known, snapshot: Snapshot, receivedAt: number): Known {
  const before = known.snapshot
  if (before && known.link === 'live' && isOlder(snapshot, before)) return known
  const refusal = snapshot.seq === before?.seq ? known.refusal : null
  return { link: 'live', snapshot, receivedAt, refusal }
}

function isOlder(one: Snapshot, other: Snapshot): boolean {
  return one.seq < other.seq || (one.seq === other.seq && Date.parse(one.now) < Date.parse(other.now))
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

/** Reads what the core says of a PIN or a badge; null for anything else. */
export function answerOf(value: unknown): Answer | null {
  const { result, reason } = (value ?? {}) as { result?: unknown; reason?: unknown }
  if (result === 'ok') return { result }
  return result === 'refused' && typeof reason === 'string' ? (value as Answer) : null
}
