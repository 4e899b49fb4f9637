import type { Problem, Snapshot } from './snapshot.ts'

/**
 * What is known of the core. `receivedAt` is performance.now() at the moment
 * the snapshot came, in milliseconds: countdowns run from there. `refusal` is
 * why the core did not do what was last asked of it, until something changes.
 */
export interface Known {
  link: Link
  snapshot: Snapshot | null
  receivedAt: number
  refusal: Problem | null
}

/**
 * `opening` until the first snapshot; `lost` when the core has been silent for
 * longer than a hiccup; `refused` when it does not know this browser.
 */
export type Link = 'opening' | 'live' | 'lost' | 'refused'

export const nothingKnown: Known = { link: 'opening', snapshot: null, receivedAt: 0, refusal: null }

export interface BeginOptions {
  /** Asks for DingTalk's full page in place of its frame. */
  embed?: 'page'
  /** Someone has tried the code that this one replaces, in vain; parts/tried.ts says how that shows. */
  tried?: boolean
}

/**
 * What the core says of a PIN or a badge. `reason` is a word of backend/offline
 * or backend/identity, `left` how many wrong PINs are left, `retry_at` when
 * another one may be tried, by the core's clock.
 */
export type Answer =
  { result: 'ok' } | { result: 'refused'; reason: string; left?: number; retry_at?: string }

/**
 * The way to the core and nothing else: views are a function of what `follow`
 * tells. Actions answer when the core has taken them; what they change comes
 * as a snapshot. They never throw: a core that does not answer shows as a lost
 * link, one that says no as a refusal. There is a real side (server.ts) and one
 * for work on the views (fake/fake.ts).
 */
export interface Bridge {
  /** Calls the listener at each change until the answer is called. */
  follow(listener: (known: Known) => void): () => void
  begin(options?: BeginOptions): Promise<void>
  cancel(): Promise<void>
  signOut(): Promise<void>
  /** Has DingTalk asked now whether it can be reached. */
  retryNetwork(): Promise<void>
  /** Without a job number: the last person of this device. Null: the core had no answer, as with the next three. */
  signInByPin(pin: string, jobNumber?: string): Promise<Answer | null>
  signInByBadge(badge: string): Promise<Answer | null>
  enrol(pin: string): Promise<Answer | null>
  /** Drops one's own PIN. */
  revoke(): Promise<Answer | null>
  /** Hands in DingTalk's answer, a URL of our own origin that was checked. */
  complete(answer: URL): Promise<void>
  /** The address of DingTalk's frame for the running attempt. */
  readonly frameAddress: string
  /** Leaves for DingTalk's full page of the running attempt. */
  openPage(): void
  /** Goes to an address of our own that the person pasted. */
  openAnswer(answer: URL): void
}
