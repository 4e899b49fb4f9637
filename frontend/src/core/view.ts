import type { Known } from './bridge.ts'
import type { Person, Problem, Snapshot } from './snapshot.ts'

/** What is on the screen. The names are those of the files in views/. */
export type View =
  | { name: 'opening' }
  | { name: 'gone'; why: 'lost' | 'refused' }
  | { name: 'idle'; snapshot: Snapshot }
  | { name: 'waiting'; snapshot: Snapshot }
  | { name: 'working'; snapshot: Snapshot }
  | { name: 'welcome'; snapshot: Snapshot; person: Person }
  | { name: 'problem'; snapshot: Snapshot; problem: Problem }

/** Chooses the view: a function of what is known, and of nothing else. */
export function viewOf({ link, snapshot }: Known): View {
  if (link === 'refused') return { name: 'gone', why: 'refused' }
  if (link === 'lost' && !isLastWord(snapshot)) return { name: 'gone', why: 'lost' }
  if (snapshot === null) return { name: 'opening' }
  const { phase, person } = snapshot
  switch (phase) {
    case 'waiting':
    case 'working':
      return { name: phase, snapshot }
    case 'failed':
      return { name: 'problem', snapshot, problem: snapshot.problem ?? { code: 'internal' } }
    case 'expired':
    case 'cancelled':
      return { name: 'problem', snapshot, problem: snapshot.problem ?? { code: phase } }
    case 'idle':
    case 'signed_in':
      return person ? { name: 'welcome', snapshot, person } : { name: 'idle', snapshot }
  }
}

/**
 * True where the core is expected to leave: `dingpass login` makes one attempt,
 * gives the result to its caller and ends. Its page then keeps the result.
 */
function isLastWord(snapshot: Snapshot | null): boolean {
  if (snapshot === null || snapshot.can_retry) return false
  return !['idle', 'waiting', 'working'].includes(snapshot.phase)
}
