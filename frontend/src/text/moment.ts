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

function format(moment: number | string, language: Language, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(moment)
  if (Number.isNaN(date.getTime())) return ''
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, options).format(date)
}
