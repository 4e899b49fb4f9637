import { expect, test } from 'vitest'
import { monogram, monogramColour, monogramColours } from './monogram.ts'

test.each([
  ['张三', '张三'],
  ['欧阳晓敏', '晓敏'],
  ['李', '李'],
  ['王小明（外聘）', '小明'],
  ['王小明(Sam)', '小明'],
  ['𠮷田', '𠮷田'],
  ['阿依古丽·买买提', '买提'],
  ['Alexandra Whitfield', 'AW'],
  ['Élodie de la Tour', 'ÉT'],
  ['sam', 'S'],
  ['', ''],
])('the circle of %s holds %s', (name, want) => {
  expect(monogram(name)).toBe(want)
})

test('every name has one of the colours', () => {
  for (const name of ['', '张三', 'sam', '𠮷田']) {
    expect(monogramColour(name)).toBeGreaterThanOrEqual(0)
    expect(monogramColour(name)).toBeLessThan(monogramColours)
  }
})
