import { digitOf, type Stroke } from './digits.ts'

/** A stroke with its time, that of the event, in milliseconds. */
export interface TimedStroke extends Stroke {
  at: number
}

/**
 * What a stroke means. `other`: it is not a scanner's, or not known to be one
 * yet. `reading`: it belongs to a badge, and to nobody else. `badge`: the badge
 * ends with it. `again`: the same, of a badge that was read a moment ago.
 */
export type Heard = { kind: 'other' | 'reading' | 'again' } | { kind: 'badge'; text: string }

/** Begins the text of each badge (backend/offline/badge.go). Fingers do not type it at a scanner's pace. */
const mark = '34641'

/** Scanners type a key every 1 to 50 ms, fingers hardly one in 80. */
export const pace = 80

/** What is shorter has lost something on its way. */
const shortest = 20

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
  #reading = false
  #read = { text: '', at: Number.NEGATIVE_INFINITY }

  hear(stroke: TimedStroke): Heard {
    if (stroke.at - this.#last > pace) this.#forget()
    this.#last = stroke.at
    if (this.#reading && (stroke.key === 'Enter' || stroke.key === 'Tab')) return this.end(stroke.at)
    this.#digits += digitOf(stroke) ?? ''
    if (!this.#reading && this.#digits.endsWith(mark)) {
      this.#digits = mark
      this.#reading = true
    }
    return { kind: this.#reading ? 'reading' : 'other' }
  }

  /** Ends a badge at a line end, or where a scanner that types none has fallen silent. */
  end(at: number): Heard {
    const text = this.#digits
    const whole = this.#reading && text.length >= shortest
    this.#forget()
    if (!whole) return { kind: 'other' }
    const again = text === this.#read.text && at - this.#read.at < sameAgain
    this.#read = { text, at }
    return again ? { kind: 'again' } : { kind: 'badge', text }
  }

  #forget(): void {
    this.#digits = ''
    this.#reading = false
  }
}
