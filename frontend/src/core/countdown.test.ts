import { nothingKnown } from './bridge.ts'
import { describe, expect, test } from 'vitest'
import { clockFace, coreTime, momentPassed, remaining, secondsUntil } from './countdown.ts'
import { live } from '../fake/sample.ts'

describe('what is left', () => {
  test('is counted from the core clock at the moment of receipt', () => {
    expect(remaining({ ...live(), receivedAt: 5000 }, 5000)).toEqual({ seconds: 240, share: 0.8 })
  })

  test('falls with the time of this page', () => {
    expect(remaining(live(), 10_000)?.seconds).toBe(230)
  })

  test('is the same under a browser clock that is years off', () => {
    const year = {
      started_at: '1999-01-01T00:00:00Z',
      now: '1999-01-01T00:01:00Z',
      expires_at: '1999-01-01T00:05:00Z',
    }
    expect(remaining(live(year), 10_000)).toEqual(remaining(live(), 10_000))
  })

  test('shows the last second until it is over', () => {
    expect(remaining(live(), 239_999)?.seconds).toBe(1)
    expect(remaining(live(), 240_000)?.seconds).toBe(0)
  })

  test('is never less than nothing', () => {
    expect(remaining(live(), 999_999)).toEqual({ seconds: 0, share: 0 })
  })

  test('is nothing at all without an end', () => {
    expect(remaining(live({ phase: 'idle', expires_at: '' }), 0)).toBeNull()
    expect(remaining(live({ expires_at: 'soon' }), 0)).toBeNull()
    expect(remaining(nothingKnown, 0)).toBeNull()
  })
})

test('the time of the core goes on between snapshots', () => {
  expect(coreTime(live(), 61_000)).toBe(Date.parse('2026-11-21T12:02:01Z'))
})

test.each([
  [0, '0:00'],
  [9, '0:09'],
  [60, '1:00'],
  [272, '4:32'],
  [3600, '60:00'],
])('%d seconds read %s', (seconds, face) => {
  expect(clockFace(seconds)).toBe(face)
})

describe('a screen reader is told', () => {
  test.each([
    ['of the last minute', 61, 60, 60],
    ['of the last quarter', 16, 15, 15],
    ['once, at the last moment that a sleeping page has missed', 300, 10, 60],
    ['nothing in between', 45, 44, null],
    ['nothing twice', 60, 59, null],
    ['nothing when a new code gives more time', 10, 300, null],
  ])('%s', (_, before, after, moment) => {
    expect(momentPassed(before, after)).toBe(moment)
  })
})

test.each([
  ['ahead', '2026-11-21T12:01:10.5Z', 11],
  ['past', '2026-11-21T12:00:00Z', 0],
  ['none', undefined, 0],
  ['no moment', 'soon', 0],
])('counts the seconds to a moment that is %s by the core’s clock', (_, moment, seconds) => {
  expect(secondsUntil(moment, live(), 0)).toBe(seconds)
})
