import type { Known } from './bridge.ts'

/** What is left of an attempt: whole seconds, and the share of its life (1 to 0). */
export interface Remaining {
  seconds: number
  share: number
}

/**
 * Computes what is left at `at` (a performance.now() value). Only differences
 * between times of the core are used, and only differences between times of
 * this page: a kiosk's wrong clock changes nothing. Null where nothing runs.
 */
export function remaining({ snapshot, receivedAt }: Known, at: number): Remaining | null {
  if (!snapshot?.expires_at) return null
  const end = Date.parse(snapshot.expires_at)
  const left = end - Date.parse(snapshot.now) - (at - receivedAt)
  const life = end - Date.parse(snapshot.started_at ?? snapshot.now)
  if (Number.isNaN(left)) return null
  return {
    seconds: Math.max(0, Math.ceil(left / 1000)),
    share: life > 0 ? Math.min(1, Math.max(0, left / life)) : 0,
  }
}

/** Writes seconds as m:ss. */
export function clockFace(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const moments = [60, 15]

/**
 * Says which moment is worth telling a screen reader when the time left fell
 * from `before` to `after` seconds; null for every other second, since a
 * number read out each second drowns everything else.
 */
export function momentPassed(before: number, after: number): number | null {
  return moments.find((moment) => after <= moment && moment < before) ?? null
}

/** The core's time at `at` (a performance.now() value), in milliseconds since 1970. */
export function coreTime({ snapshot, receivedAt }: Known, at: number): number {
  return snapshot === null ? Number.NaN : Date.parse(snapshot.now) + (at - receivedAt)
}

/** How long the attempt has been running at `at`, in milliseconds; NaN where none has begun. */
export function age(known: Known, at: number): number {
  return coreTime(known, at) - Date.parse(known.snapshot?.started_at ?? '')
}

/** Whole seconds at `at` until a moment of the core's; 0 where it has passed, or is none. */
export function secondsUntil(moment: string | undefined, known: Known, at: number): number {
  const left = Date.parse(moment ?? '') - coreTime(known, at)
  return left > 0 ? Math.ceil(left / 1000) : 0
}
