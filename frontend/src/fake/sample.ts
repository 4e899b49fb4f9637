import type { Known } from '../core/bridge.ts'
import type { Snapshot } from '../core/snapshot.ts'

/** A snapshot of a running attempt for tests, five minutes long and one minute old. */
export function sample(change: Partial<Snapshot> = {}): Snapshot {
  return {
    seq: 1,
    phase: 'waiting',
    attempt: 'first',
    embed: 'frame',
    started_at: '2026-11-21T12:00:00Z',
    expires_at: '2026-11-21T12:05:00Z',
    now: '2026-11-21T12:01:00Z',
    language: 'en',
    can_retry: true,
    provider_origin: 'https://login.dingtalk.com',
    ...change,
  }
}

/** The same as the bridge tells it, received at performance.now() = 0. */
export function live(change: Partial<Snapshot> = {}): Known {
  return { link: 'live', snapshot: sample(change), receivedAt: 0, refusal: null }
}
