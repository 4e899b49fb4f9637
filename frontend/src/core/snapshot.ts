// What the interface may know. Mirrors backend/loopback/snapshot.go; the words
// of Phase and Embed are those of backend/login, the codes those of
// backend/login/code.go.

export type Phase = 'idle' | 'waiting' | 'working' | 'signed_in' | 'failed' | 'expired' | 'cancelled'

/** How DingTalk is shown in the running attempt. */
export type Embed = 'frame' | 'page' | 'browser'

export type Language = 'zh-CN' | 'en'

/** Who is signed in. Never a mobile number, never an id. */
export interface Person {
  name: string
  title?: string
  job_number?: string
  /** `cache`: DingTalk was not asked this time. */
  source: 'online' | 'cache'
  verified_at: string
  /** Absent where the settings allow nothing offline. */
  offline_until?: string
  /** What the cache says of the person now; absent where it was not asked. */
  verdict?: 'allow' | 'deny' | 'needs_qr' | 'needs_online' | 'suspended'
  /** A word of backend/identity: `refresh_due`, `too_old` and so on. */
  reason?: string
  /** How many more times the person may sign in without DingTalk. */
  uses_left?: number
}

/** A way to sign in that needs no network. */
export type Way = 'pin' | 'badge'

export interface Offline {
  /** What can be used now. */
  ways?: Way[]
  /** What the person who is signed in has on this device. */
  enrolled?: Way[]
  /** Only right after a sign-in with DingTalk in this window. */
  can_enrol?: boolean
  lock?: Lock
}

/** What wrong PINs have led to. */
export interface Lock {
  until?: string
  /** Wrong PINs until only DingTalk helps. */
  left?: number
  /** Why no PIN is taken, as in an answer; absent while one is. */
  reason?: string
}

/** How well DingTalk can be reached; the words are those of backend/login. */
export interface Network {
  state: 'online' | 'shaky' | 'offline' | 'unknown'
  reason?: string
  since?: string
  /** When DingTalk is asked again. */
  next_try_at?: string
}

/** A clock that somebody should set. */
export interface ClockTrouble {
  /** Nobody can tell what time it is, so nobody comes in offline. */
  suspended: boolean
  /** How far it is off; negative when it is behind. */
  off_seconds?: number
}

/** Why there is no key for what is stored; the words are those of backend/vault. */
export interface KeyTrouble {
  state: string
}

/** Why an attempt ended without anyone signed in. */
export interface Problem {
  /** A word of the closed list; an unknown one is shown as `internal`. */
  code: string
  /** A fact for administrators, such as a missing permission's name. */
  detail?: string
}

export interface Snapshot {
  /** Grows with each change: of two snapshots the higher one is true. */
  seq: number
  phase: Phase
  /** Opaque; changes with each new code; empty where there was no attempt. */
  attempt: string
  embed: Embed
  started_at?: string
  expires_at?: string
  /** The core's clock when this was sent; the browser's own may be wrong. */
  now: string
  person?: Person
  problem?: Problem
  offline?: Offline
  network?: Network
  clock?: ClockTrouble
  key?: KeyTrouble
  /** Why nothing can be written for now: who comes and goes is in memory only. */
  disk?: Problem
  /** `https_used`: something spoke TLS to the core's plain port. */
  hint?: string
  demo?: boolean
  language: Language
  /** False for one attempt whose result goes to another program. */
  can_retry: boolean
  /** The only origin whose messages from the frame are believed. */
  provider_origin: string
}
