import type { Known } from './bridge.ts'
import type { Person, Problem, Snapshot, Way } from './snapshot.ts'

/** What is on the screen. The names are those of the files in views/. */
export type View =
  | { name: 'opening' }
  | { name: 'gone'; why: 'lost' | 'refused' }
  | { name: 'idle' | 'waiting' | 'working'; snapshot: Snapshot }
  | { name: 'offline' | 'pin' | 'badge'; snapshot: Snapshot }
  | { name: 'welcome' | 'lapsed' | 'enrol'; snapshot: Snapshot; person: Person }
  | { name: 'problem'; snapshot: Snapshot; problem: Problem }

/** What somebody at the screen has set out to do, until it is done or left. */
export type Errand = Way | 'enrol'

/** Chooses the view: a function of what is known, of what was set out to do, and of nothing else. */
export function viewOf({ link, snapshot }: Known, errand: Errand | null = null): View {
  if (link === 'refused') return { name: 'gone', why: 'refused' }
  if (link === 'lost' && !isLastWord(snapshot)) return { name: 'gone', why: 'lost' }
  if (snapshot === null) return { name: 'opening' }
  const { phase, person } = snapshot
  if (errand !== null && fits(errand, snapshot)) {
    if (errand !== 'enrol') return { name: errand, snapshot }
    if (person) return { name: errand, snapshot, person }
  }
  switch (phase) {
    case 'waiting':
      return { name: isOffline(snapshot) ? 'offline' : phase, snapshot }
    case 'working':
      return { name: phase, snapshot }
    case 'failed':
    case 'expired':
    case 'cancelled': {
      const problem = snapshot.problem ?? { code: phase === 'failed' ? 'internal' : phase }
      const useless = isOffline(snapshot) && snapshot.can_retry && isOfNetwork(problem)
      return useless ? { name: 'offline', snapshot } : { name: 'problem', snapshot, problem }
    }
    case 'idle':
    case 'signed_in':
      if (person) return { name: isGood(person) ? 'welcome' : 'lapsed', snapshot, person }
      return { name: isOffline(snapshot) ? 'offline' : 'idle', snapshot }
  }
}

/**
 * Reports whether an errand can go on. A way that the core does not offer any
 * more is not taken from under somebody's fingers: the core judges what comes.
 */
export function fits(errand: Errand, { phase, person }: Snapshot): boolean {
  const signedIn = (phase === 'idle' || phase === 'signed_in') && person !== undefined && isGood(person)
  return errand === 'enrol' ? signedIn : !signedIn && phase !== 'working'
}

/** True where a code of DingTalk's cannot work: it is not offered then. */
export function isOffline({ network }: Snapshot): boolean {
  return network?.state === 'offline'
}

/** Problems that say no more than that there is no network, or that a new code is needed. */
export function isOfNetwork({ code }: Problem): boolean {
  return ['network', 'provider_unavailable', 'needs_online', 'expired', 'cancelled'].includes(code)
}

/** False for somebody who is remembered and may not pass any more. */
function isGood({ verdict }: Person): boolean {
  return verdict === undefined || verdict === 'allow'
}

/**
 * True where the core is expected to leave: `dingpass login` makes one attempt,
 * gives the result to its caller and ends. Its page then keeps the result.
 */
function isLastWord(snapshot: Snapshot | null): boolean {
  if (snapshot === null || snapshot.can_retry) return false
  return !['idle', 'waiting', 'working'].includes(snapshot.phase)
}
