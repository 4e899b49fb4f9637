import { expect, test } from 'vitest'
import { nothingKnown } from './bridge.ts'
import { isSnapshot, receive, refusalOf } from './latest.ts'
import { live, sample } from '../fake/sample.ts'

test('the first snapshot is taken', () => {
  expect(receive(nothingKnown, sample(), 7)).toEqual({
    link: 'live',
    snapshot: sample(),
    receivedAt: 7,
    refusal: null,
  })
})

test('a newer one replaces it', () => {
  const known = receive(live({ seq: 4 }), sample({ seq: 5, phase: 'working' }), 7)
  expect(known.snapshot?.phase).toBe('working')
})

test('an older one that arrives late is dropped', () => {
  const before = live({ seq: 5, phase: 'working' })
  expect(receive(before, sample({ seq: 4 }), 7)).toBe(before)
})

test('a core that was lost may be back as another one, which counts from the beginning', () => {
  const before = { ...live({ seq: 5, phase: 'working' }), link: 'lost' as const }
  expect(receive(before, sample({ seq: 1 }), 7)).toMatchObject({ link: 'live', snapshot: { seq: 1 } })
})

test('an equal one renews the clock', () => {
  expect(receive(live(), sample({ now: '2026-11-21T12:02:00Z' }), 7).receivedAt).toBe(7)
})

test('an equal one that was asked for before a hint, and arrives after it, is dropped', () => {
  const before = live({ hint: 'https_used', now: '2026-11-21T12:00:01.25Z' })
  expect(receive(before, sample({ now: '2026-11-21T12:00:01.2Z' }), 7)).toBe(before)
})

test.each([
  ['a page of a proxy', '<html>'],
  ['nothing', null],
  ['no phase', { seq: 1, now: 'now' }],
])('%s is no snapshot', (_, value) => {
  expect(isSnapshot(value)).toBe(false)
})

test('a refusal stays until something changes', () => {
  const refused = { ...live(), refusal: { code: 'store_unavailable' } }
  expect(receive(refused, sample(), 7).refusal).toEqual({ code: 'store_unavailable' })
  expect(receive(refused, sample({ seq: 2 }), 7).refusal).toBeNull()
})

test.each([
  [
    'the words of the core',
    { error: { code: 'rate_limited', detail: 'd' } },
    { code: 'rate_limited', detail: 'd' },
  ],
  ['a page of a proxy', null, { code: 'internal' }],
  ['a code that is none', { error: { code: 7 } }, { code: 'internal' }],
])('a refusal in %s is told', (_, value, problem) => {
  expect(refusalOf(value)).toEqual(problem)
})
