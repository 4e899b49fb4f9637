import { expect, test } from 'vitest'
import { nothingKnown } from './bridge.ts'
import { live } from '../fake/sample.ts'
import type { Person } from './snapshot.ts'
import { viewOf } from './view.ts'

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
