import { expect, test } from 'vitest'
import { nothingKnown } from './bridge.ts'
import { isSnapshot, receive } from './latest.ts'
import { live, sample } from '../fake/sample.ts'

test('the first snapshot is taken', () => {
  expect(receive(nothingKnown, sample(), 7)).toEqual({ link: 'live', snapshot: sample(), receivedAt: 7 })
})

test('a newer one replaces it', () => {
  const known = receive(live({ seq: 4 }), sample({ seq: 5, phase: 'working' }), 7)
  expect(known.snapshot?.phase).toBe('working')
})

test('an older one that arrives late is dropped, but proves the core alive', () => {
  const before = { ...live({ seq: 5, phase: 'working' }), link: 'lost' as const }
  expect(receive(before, sample({ seq: 4 }), 7)).toEqual({ ...before, link: 'live' })
})

test('an equal one renews the clock', () => {
  expect(receive(live(), sample({ now: '2026-11-21T12:02:00Z' }), 7).receivedAt).toBe(7)
})

test.each([
  ['a page of a proxy', '<html>'],
  ['nothing', null],
  ['no phase', { seq: 1, now: 'now' }],
])('%s is no snapshot', (_, value) => {
  expect(isSnapshot(value)).toBe(false)
})
