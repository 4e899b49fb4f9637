import { describe, expect, test } from 'vitest'
import { type Heard, type TimedStroke, Wedge } from './wedge.ts'

const badge = '34641' + '072'.repeat(21)
const enter = { key: 'Enter', code: 'Enter' }

/** The strokes of a scanner that plays an American keyboard, one every `gap` milliseconds from `at`. */
function scan(text = badge, { at = 1000, gap = 10, layout = '0123456789' } = {}): TimedStroke[] {
  const strokes = Array.from(text, (digit) => ({ key: layout[Number(digit)] ?? '', code: `Digit${digit}` }))
  return [...strokes, enter].map((stroke, place) => ({ ...stroke, at: at + place * gap }))
}

function hear(wedge: Wedge, strokes: TimedStroke[]): Heard[] {
  return strokes.map((stroke) => wedge.hear(stroke))
}

/** What a scanner's strokes come to. */
function heard(strokes: TimedStroke[], wedge = new Wedge()): Heard | undefined {
  const all = hear(wedge, strokes)
  return all.find(({ kind }) => kind === 'badge' || kind === 'again') ?? all.at(-1)
}

describe('a scanner', () => {
  test('is heard by its pace and the mark at the beginning', () => {
    const all = hear(new Wedge(), scan())
    expect(all.slice(-2)).toEqual([{ kind: 'badge', text: badge }, { kind: 'rest' }])
    expect(all.slice(0, 4).every(({ kind }) => kind === 'other')).toBe(true)
    expect(all.slice(4, -2).every(({ kind }) => kind === 'reading')).toBe(true)
  })

  test.each([1, 10, 50, 80])('is heard at a key every %i ms', (gap) => {
    expect(heard(scan(badge, { gap }))).toEqual({ kind: 'badge', text: badge })
  })

  // odoo #214407
  test.each([
    ['French', 'à&é"\'(-è_ç'],
    ['Belgian', 'à&é"\'(§è!ç'],
    ['Czech', 'é+ěščřžýáí'],
    ['American, with Shift held', ')!@#$%^&*('],
    ['full-width', '０１２３４５６７８９'],
  ])('is understood where the layout is %s', (_, layout) => {
    expect(heard(scan(badge, { layout }))).toEqual({ kind: 'badge', text: badge })
  })

  test('is understood behind a Chinese input method, which hides the keys', () => {
    const hidden = scan().map((stroke) => (stroke.key === 'Enter' ? stroke : { ...stroke, key: 'Process' }))
    expect(heard(hidden)).toEqual({ kind: 'badge', text: badge })
  })

  test('is understood where it plays the French keyboard of the machine, or its number pad', () => {
    const french = scan().map(({ key, code, at }) => ({ key, code: code.replace('Digit', 'Numpad'), at }))
    expect(heard(french)).toEqual({ kind: 'badge', text: badge })
  })

  // metasfresh #23264, openpos-framework #2108
  test('may add a symbology mark, Shift and control characters', () => {
    const noise = [']', 'Shift', 'Q', '1', 'Control', 'j']
    const strokes = [...noise, ...badge.split('').flatMap((digit) => ['Shift', digit, 'Control']), 'Enter']
    expect(heard(strokes.map((key, place) => ({ key, code: '', at: place * 5 })))).toEqual({
      kind: 'badge',
      text: badge,
    })
  })

  test('may end with Tab, or with no line end at all', () => {
    const tab = scan().map((stroke) => (stroke.key === 'Enter' ? { ...stroke, key: 'Tab' } : stroke))
    expect(hear(new Wedge(), tab).at(-1)).toEqual({ kind: 'rest' })
    expect(heard(scan().slice(0, -1))).toEqual({ kind: 'badge', text: badge })
  })

  test('leaves an Enter that comes later to whoever presses it', () => {
    const wedge = new Wedge()
    hear(wedge, scan().slice(0, -1))
    expect(wedge.hear({ ...enter, at: 5000 })).toEqual({ kind: 'other' })
  })

  test('that begins anew after a break is heard from there', () => {
    const wedge = new Wedge()
    hear(wedge, scan().slice(0, 30))
    expect(heard(scan(badge, { at: 5000 }), wedge)).toEqual({ kind: 'badge', text: badge })
  })
})

describe('the same badge', () => {
  test('within two seconds counts once', () => {
    const wedge = new Wedge()
    hear(wedge, scan())
    expect(heard(scan(badge, { at: 2900 }), wedge)).toEqual({ kind: 'again' })
  })

  test('later counts again', () => {
    const wedge = new Wedge()
    hear(wedge, scan())
    expect(heard(scan(badge, { at: 3100 }), wedge)?.kind).toBe('badge')
  })

  test('does not keep another one out', () => {
    const wedge = new Wedge()
    hear(wedge, scan())
    expect(heard(scan(`${badge.slice(0, -1)}9`, { at: 2000 }), wedge)?.kind).toBe('badge')
  })
})

describe('what is no badge', () => {
  test.each([
    ['a PIN and Enter', scan('346411', { gap: 120 })],
    ['a badge typed by fingers', scan(badge, { gap: 90 })],
    ['another code at a scanner’s pace', scan('6901234567892')],
    ['Enter alone', [{ ...enter, at: 0 }]],
  ])('%s', (_, strokes) => {
    expect(heard(strokes)).toEqual({ kind: 'other' })
  })

  test('a badge with its end missing, whose line end presses nothing', () => {
    expect(heard(scan(badge.slice(0, 40)))).toEqual({ kind: 'rest' })
  })

  test('leaves nothing behind for the next one', () => {
    const wedge = new Wedge()
    hear(wedge, scan('6901234567892'))
    expect(heard(scan(badge, { at: 1200 }), wedge)).toEqual({ kind: 'badge', text: badge })
  })
})
