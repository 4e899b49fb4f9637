/** What digitOf looks at of a KeyboardEvent. */
export interface Stroke {
  /** What the layout makes of the key: `5`, `(`, `５`, `Process` behind an input method. */
  key: string
  /** Which key it is, whatever the layout: `Digit5`, `Numpad5`. */
  code: string
}

/**
 * The digit of a key stroke; null for any other. What is printed on the key
 * counts first, full-width forms of a Chinese input method included. Where the
 * layout makes something else of it, the key's place tells: French and Belgian
 * keyboards need Shift for a digit, a number pad without its lock says `Home`,
 * and an input method hides the key (odoo #214407).
 */
export function digitOf({ key, code }: Stroke): string | null {
  const [printed] = /^[0-9]$/.exec(key.normalize('NFKC')) ?? []
  return printed ?? /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ?? null
}

/** What can be pressed on a PIN pad. */
export type PadKey = Digit | 'back' | 'clear' | 'enter'
export type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'

const named: Record<string, PadKey> = {
  Backspace: 'back',
  Delete: 'clear',
  Enter: 'enter',
}

/** What a key stroke presses on a PIN pad; null for a key that the pad has not. */
export function padKey(stroke: Stroke): PadKey | null {
  return (digitOf(stroke) as Digit | null) ?? named[stroke.key] ?? null
}
