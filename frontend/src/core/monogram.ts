/** How many colours the circle has; see .monogram-0 and so on. */
export const monogramColours = 6

/**
 * What DingTalk itself puts into the circle of someone without a picture: the
 * last two characters of a Chinese name; of any other, the initials. A note in
 * brackets («张三（外聘）») is no part of the name.
 */
export function monogram(name: string): string {
  const bare = name.replace(/[（(【[].*$/u, '').trim() || name.trim()
  if (/\p{Script=Han}/u.test(bare)) return characters(bare.replace(/\s+/gu, '')).slice(-2).join('')
  const words = bare.split(/[\s·.]+/u).filter(Boolean)
  const [first = '', last = ''] = words.length > 1 ? [words[0], words.at(-1)] : [bare]
  return [first, last]
    .map((word) => characters(word)[0] ?? '')
    .join('')
    .toUpperCase()
}

/** The same name has the same colour on every screen. */
export function monogramColour(name: string): number {
  const sum = characters(name).reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0)
  return sum % monogramColours
}

/** Characters as a reader counts them; 𠮷 and é are one each. */
function characters(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
}
