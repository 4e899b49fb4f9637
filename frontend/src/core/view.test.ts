import { expect, test } from 'vitest'
import { nothingKnown } from './bridge.ts'
import { live } from '../fake/sample.ts'
import type { Person } from './snapshot.ts'
import { type Errand, viewOf } from './view.ts'

const person: Person = { name: '张三', source: 'online', verified_at: '2026-11-21T12:00:00Z' }

test.each([
  ['nothing known', nothingKnown, 'opening'],
  ['idle', live({ phase: 'idle' }), 'idle'],
  ['idle with someone remembered', live({ phase: 'idle', person }), 'welcome'],
  ['waiting', live(), 'waiting'],
  ['waiting while someone else is still signed in', live({ person }), 'waiting'],
  ['working', live({ phase: 'working' }), 'working'],
  ['signed in', live({ phase: 'signed_in', person }), 'welcome'],
  ['failed', live({ phase: 'failed', problem: { code: 'denied' } }), 'problem'],
  ['expired', live({ phase: 'expired' }), 'problem'],
  ['cancelled', live({ phase: 'cancelled' }), 'problem'],
  ['a lost core', { ...live(), link: 'lost' }, 'gone'],
  ['a core that never answered', { ...nothingKnown, link: 'lost' }, 'gone'],
  ['a core that refuses', { ...nothingKnown, link: 'refused' }, 'gone'],
] as const)('%s', (_, known, name) => {
  expect(viewOf(known).name).toBe(name)
})

test('a problem without details is told by its phase', () => {
  expect(viewOf(live({ phase: 'expired' }))).toMatchObject({ problem: { code: 'expired' } })
  expect(viewOf(live({ phase: 'failed' }))).toMatchObject({ problem: { code: 'internal' } })
})

test('the result of a single attempt stays when the core has left as it should', () => {
  const done = live({ phase: 'signed_in', person, can_retry: false })
  expect(viewOf({ ...done, link: 'lost' }).name).toBe('welcome')
})

test('a core that leaves in the middle of a single attempt is missed', () => {
  expect(viewOf({ ...live({ can_retry: false }), link: 'lost' }).name).toBe('gone')
})

const down = { network: { state: 'offline' as const } }

test.each([
  ['idle', { phase: 'idle' as const }, 'offline'],
  ['waiting', {}, 'offline'],
  ['expired', { phase: 'expired' as const }, 'offline'],
  ['failed for want of it', { phase: 'failed' as const, problem: { code: 'network' } }, 'offline'],
  ['failed for another reason', { phase: 'failed' as const, problem: { code: 'denied' } }, 'problem'],
  ['failed, for a caller that has been told', { phase: 'failed' as const, can_retry: false }, 'problem'],
  ['working', { phase: 'working' as const }, 'working'],
  ['signed in', { phase: 'signed_in' as const, person }, 'welcome'],
])('without network, %s', (_, change, name) => {
  expect(viewOf(live({ ...down, ...change })).name).toBe(name)
})

test.each([
  ['pin', { phase: 'idle' as const }, 'pin'],
  ['badge', {}, 'badge'],
  ['pin', { person }, 'pin'],
  ['pin', { phase: 'working' as const }, 'working'],
  ['pin', { phase: 'signed_in' as const, person }, 'welcome'],
  ['enrol', { phase: 'signed_in' as const, person }, 'enrol'],
  ['enrol', { phase: 'idle' as const }, 'idle'],
] as [Errand, object, string][])('the errand %s in %j shows %s', (errand, change, name) => {
  expect(viewOf(live(change), errand).name).toBe(name)
})

test.each(['deny', 'needs_qr', 'needs_online', 'suspended'] as const)(
  'somebody whose verdict is %s is not welcomed',
  (verdict) => {
    expect(viewOf(live({ phase: 'idle', person: { ...person, verdict } })).name).toBe('lapsed')
  },
)
