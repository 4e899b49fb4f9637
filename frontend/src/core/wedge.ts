import { digitOf, type Stroke } from './digits.ts'

/** A stroke with its time, that of the event, in milliseconds. */
export interface TimedStroke extends Stroke {
  at: number
}

/**
 * What a stroke means. `other`: it is not a scanner's, or not known to be one
 * yet. `reading`: it belongs to a badge, and to nobody else. `badge`: the badge
 * is complete with it. `again`: the same, of a badge that was read a moment
 * ago. `rest`: a line end that comes with a badge, or with what is left of one.
 */
export type Heard = { kind: 'other' | 'reading' | 'again' | 'rest' } | { kind: 'badge'; text: string }

// The text of each badge (backend/offline/badge.go): digits, that many, that
// begin so. Fingers do not type the beginning at a scanner's pace.
const mark = '34641'
const length = 68

/** Scanners type a key every 1 to 50 ms, fingers hardly one in 80. */
export const pace = 80

/** One swing of the arm past the scanner often reads twice. */
const sameAgain = 2000

/**
 * Hears a scanner that types among people who type. It needs no text box with
 * the focus (metasfresh #22464), goes by the pace and by the mark at the
 * beginning, reads digits under any keyboard layout, and drops what else comes
 * with them: symbology marks before, control characters between, line ends.
 */
export class Wedge {
  #digits = ''
  #last = Number.NEGATIVE_INFINITY
  #state: 'other' | 'reading' | 'rest' = 'other'
  #read = { text: '', at: Number.NEGATIVE_INFINITY }

  hear(stroke: TimedStroke): Heard {
    if (stroke.at - this.#last > pace) this.#begin('other')
    this.#last = stroke.at
    const ends = stroke.key === 'Enter' || stroke.key === 'Tab'
    if (this.#state === 'reading' && ends) this.#begin('rest')
    if (this.#state === 'rest' && !ends) this.#begin('other')
    this.#digits += digitOf(stroke) ?? ''
    if (this.#state === 'other' && this.#digits.endsWith(mark)) this.#begin('reading', mark)
    return this.#digits.length === length && this.#state === 'reading'
      ? this.#complete(stroke.at)
      : { kind: this.#state }
  }

  #complete(at: number): Heard {
    const text = this.#digits
    const again = text === this.#read.text && at - this.#read.at < sameAgain
    this.#read = { text, at }
    this.#begin('rest')
    return again ? { kind: 'again' } : { kind: 'badge', text }
  }

  #begin(state: 'other' | 'reading' | 'rest', digits = ''): void {
    this.#digits = digits
    this.#state = state
  }
}
