import type { Language } from '../core/snapshot.ts'

/** Writes the time of day: 9:05, 14:30. */
export function timeOfDay(moment: number | string, language: Language): string {
  return format(moment, language, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' })
}

/** Writes a day in full, with its weekday. */
export function longDay(moment: number | string, language: Language): string {
  return format(moment, language, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' })
}

/** Writes a day and time, short. */
export function dayAndTime(moment: number | string, language: Language): string {
  return format(moment, language, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

/** Writes a day and time: of the coming six days, the weekday. Both are moments of the core. */
export function soonOrLater(moment: string, now: string, language: Language): string {
  const days = (Date.parse(moment) - Date.parse(now)) / 86_400_000
  if (!(days >= 0 && days < 6)) return dayAndTime(moment, language)
  return `${format(moment, language, { weekday: 'short' })} ${timeOfDay(moment, language)}`
}

const units = [
  ['year', 31_557_600],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Writes a length of time in its largest unit: 3 days, 56 years. */
export function span(seconds: number, language: Language): string {
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[4]
  const count = Math.round(Math.abs(seconds) / size)
  const written = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
  return written.replace(/(\d)(\p{Script=Han})/u, '$1 $2')
}

function format(moment: number | string, language: Language, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(moment)
  if (Number.isNaN(date.getTime())) return ''
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, options).format(date)
}
