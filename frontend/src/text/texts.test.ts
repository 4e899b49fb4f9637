import { describe, expect, test } from 'vitest'
import problems from '../../../backend/words/problems.json'
import { en } from './en.ts'
import { dayAndTime, longDay, soonOrLater, span, timeOfDay } from './moment.ts'
import { problemWords, refusedWords, texts } from './texts.ts'
import { zh } from './zh.ts'

/** Every sentence of a table with its place: `waiting.title`. */
function sentences(table: object, place = ''): [string, string][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const here = place ? `${place}.${key}` : key
    if (typeof value === 'string') return [[here, value]]
    if (typeof value === 'function') return [[here, String((value as (x: unknown) => unknown)(7))]]
    return sentences(value as object, here)
  })
}

describe('the texts', () => {
  test('have the same places in both languages', () => {
    expect(sentences(en).map(([place]) => place)).toEqual(sentences(zh).map(([place]) => place))
  })

  test('leave no sentence empty or untranslated', () => {
    const same = new Set(['product'])
    const chinese = new Map(sentences(zh))
    for (const [place, sentence] of sentences(en)) {
      expect(sentence.trim(), place).not.toBe('')
      if (!same.has(place)) expect(sentence, place).not.toBe(chinese.get(place))
    }
  })

  test('in English hold no Chinese, but for the way to it', () => {
    const all = [...sentences({ ...en, otherLanguage: '' }), ...sentences(problems.en)]
    for (const [place, sentence] of all) expect(sentence, place).not.toMatch(/\p{Script=Han}/u)
  })

  test('use no curly apostrophe, which a Chinese font draws as wide as a character', () => {
    const all = [...sentences(en), ...sentences(problems.en)]
    for (const [place, sentence] of all) expect(sentence, place).not.toMatch(/[’‘“”]/)
  })

  test('are there for every language of the core', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(problems))
  })
})

describe('the words for a problem', () => {
  test('come from the table that the command line uses', () => {
    expect(problemWords('en', 'expired')).toEqual(problems.en.expired)
    expect(problemWords('zh-CN', 'expired')).toEqual(problems['zh-CN'].expired)
  })

  test('are those of a case, where the detail names one', () => {
    expect(problemWords('en', 'key_unavailable', 'gone: keychain')).toEqual(
      problems.en['key_unavailable:gone'],
    )
    expect(problemWords('en', 'key_unavailable', 'else: keychain')).toEqual(problems.en.key_unavailable)
    expect(problemWords('en', 'expired', 'gone: keychain')).toEqual(problems.en.expired)
  })

  test.each(['made_up', '', 'toString', '__proto__'])('are those of an internal error for %j', (code) => {
    expect(problemWords('en', code)).toEqual(problems.en.internal)
  })
})

test('a reason that is not in the table has general words', () => {
  expect(refusedWords(en, 'locked')).toBe(en.refused['locked'])
  expect(refusedWords(en, 'toString')).toBe(en.refused.else)
})

describe('a moment', () => {
  const moment = new Date(2026, 10, 21, 9, 5).getTime()

  test('is written as people write it', () => {
    expect(timeOfDay(moment, 'zh-CN')).toBe('9:05')
    expect(longDay(moment, 'zh-CN')).toBe('2026年11月21日星期六')
    expect(longDay(moment, 'en')).toBe('Saturday, 21 November 2026')
    expect(dayAndTime(moment, 'zh-CN')).toBe('11月21日 9:05')
  })

  test('of the coming days is written with its weekday, and a later one with its date', () => {
    const at = (day: number) => new Date(2026, 10, day, 18).toISOString()
    expect(soonOrLater(at(26), at(21), 'zh-CN')).toBe('周四 18:00')
    expect(soonOrLater(at(26), at(21), 'en')).toBe('Thu 18:00')
    expect(soonOrLater(at(28), at(21), 'en')).toBe('28 Nov, 18:00')
    expect(soonOrLater(at(20), at(21), 'en')).toBe('20 Nov, 18:00')
  })

  test.each([
    [-86_400, '1 天', '1 day'],
    [7_200, '2 小时', '2 hours'],
    [-300, '5 分钟', '5 minutes'],
    [1_767_225_600, '56 年', '56 years'],
  ])('%i seconds away is written in the largest unit', (seconds, zhSpan, enSpan) => {
    expect(span(seconds, 'zh-CN')).toBe(zhSpan)
    expect(span(seconds, 'en')).toBe(enSpan)
  })

  test('that is none is left out', () => {
    expect(timeOfDay('soon', 'en')).toBe('')
  })
})
