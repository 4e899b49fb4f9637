import { describe, expect, test } from 'vitest'
import { digitOf, padKey } from './digits.ts'

/** What layouts make of the keys 1 to 9 and 0, as `key` values, without Shift and with it. */
const layouts: Record<string, [plain: string[], shifted: string[]]> = {
  American: [Array.from('1234567890'), Array.from('!@#$%^&*()')],
  French: [Array.from('&é"\'(-è_çà'), Array.from('1234567890')],
  Belgian: [Array.from('&é"\'(§è!çà'), Array.from('1234567890')],
  Czech: [Array.from('+ěščřžýáíé'), Array.from('1234567890')],
  'Chinese input method': [Array<string>(10).fill('Process'), Array<string>(10).fill('Process')],
  'full-width input': [Array.from('１２３４５６７８９０'), Array.from('！＠＃￥％…＆＊（）')],
  Arabic: [Array.from('١٢٣٤٥٦٧٨٩٠'), Array.from('!@#$%^&*)(')],
}

// odoo #214407: digits were garbled under a Belgian layout
describe.each(Object.entries(layouts))('on a keyboard that is %s', (_, rows) => {
  test.each(Array.from('1234567890', (digit, place) => [digit, place] as const))(
    'the key %s is that digit, with and without Shift or Caps Lock',
    (digit, place) => {
      for (const row of rows) expect(digitOf({ key: row[place] ?? '', code: `Digit${digit}` })).toBe(digit)
    },
  )
})

test.each(Array.from('0123456789'))('the number pad’s %s counts with its lock and without', (digit) => {
  expect(digitOf({ key: digit, code: `Numpad${digit}` })).toBe(digit)
  expect(digitOf({ key: 'Home', code: `Numpad${digit}` })).toBe(digit)
})

test('a digit counts where there is no key, as from a keyboard on the screen', () => {
  expect(digitOf({ key: '7', code: '' })).toBe('7')
})

test('what is printed on the key counts before its place', () => {
  expect(digitOf({ key: '7', code: 'Digit2' })).toBe('7')
})

test.each([
  ['a letter', 'a', 'KeyA'],
  ['a function key', 'F5', 'F5'],
  ['a sign of a number pad', '+', 'NumpadAdd'],
  ['its Enter', 'Enter', 'NumpadEnter'],
])('%s is no digit', (_, key, code) => {
  expect(digitOf({ key, code })).toBeNull()
})

// odoo #179501: 0 was backspace
test.each([
  ['0', 'Digit0', '0'],
  ['0', 'Numpad0', '0'],
  ['Backspace', 'Backspace', 'back'],
  ['Delete', 'Delete', 'clear'],
  ['Enter', 'Enter', 'enter'],
  ['Enter', 'NumpadEnter', 'enter'],
  ['Tab', 'Tab', null],
  [' ', 'Space', null],
])('the key %j at %s presses %j', (key, code, pressed) => {
  expect(padKey({ key, code })).toBe(pressed)
})
