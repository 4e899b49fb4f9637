import type { Answer } from '../core/bridge.ts'

/** The PIN and the badge that the fake core lets in. */
export const goodPin = '1029384756'
export const goodBadge = '34641' + '072'.repeat(21)

/** Tries until a wait of half a minute, and until nothing helps any more. */
const free = 3
const tries = 10

/** How the core judges what is typed, as far as the views need it; nothing is kept. */
export class Offline {
  #wrong = 0

  /** The waits are counted from `now`, the fixed moment of the scenes. */
  pin(pin: string, now: number): Answer {
    if (pin === goodPin) return { result: 'ok' }
    this.#wrong++
    const left = tries - this.#wrong
    if (left <= 0) return { result: 'refused', reason: 'hard_locked' }
    if (this.#wrong < free) return { result: 'refused', reason: 'wrong_pin', left }
    const retryAt = new Date(now + performance.now() + 30_000)
    return { result: 'refused', reason: 'locked', left, retry_at: retryAt.toISOString() }
  }

  badge(badge: string): Answer {
    return badge === goodBadge ? { result: 'ok' } : { result: 'refused', reason: 'bad_badge' }
  }

  enrol(pin: string): Answer {
    const weak: Record<string, string> = { '123456': 'sequence', '111111': 'repeated', '19900101': 'date' }
    const reason = weak[pin]
    return reason === undefined ? { result: 'ok' } : { result: 'refused', reason }
  }
}
