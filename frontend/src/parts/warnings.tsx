import type { JSX } from 'preact'
import type { ClockTrouble } from '../core/snapshot.ts'
import type { View } from '../core/view.ts'
import { span } from '../text/moment.ts'
import { problemWords, useTexts, type Words } from '../text/texts.ts'
import { Alert, Clock, Key } from './icons.tsx'
import { waysOf } from './ways.tsx'

/**
 * What is wrong with this machine and has no view of its own: its clock, its
 * key, its disk. Not above an errand, which has enough to say.
 */
export function Warnings({ view }: { view: View }) {
  const { language } = useTexts()
  const { clock, key, disk } = ('snapshot' in view && view.snapshot) || {}
  const clockWords = useClockWords(clock)
  if (!warned.has(view.name)) return null
  // Where there is no way to sign in at all, the view itself tells of the clock.
  const alone = view.name === 'offline' && waysOf(view.snapshot).length === 0
  return (
    <>
      {clockWords && !alone && <Warning words={clockWords} sign={<Clock />} />}
      {key && <Warning words={problemWords(language, 'key_unavailable', `${key.state}:`)} sign={<Key />} />}
      {disk && <Warning words={problemWords(language, disk.code, disk.detail)} sign={<Alert />} />}
    </>
  )
}

const warned = new Set<View['name']>(['idle', 'offline', 'waiting', 'problem', 'welcome', 'lapsed'])

function Warning({ words, sign }: { words: Words; sign: JSX.Element }) {
  return (
    <div class="strip strip-warning">
      {sign}
      <p class="strip-words">
        <strong>{words.title}</strong> <span>{words.next}</span>
      </p>
    </div>
  )
}

/** How far the clock is off, and what is to be done; null while there is nothing. Where offline use is suspended, that nothing is lost. */
export function useClockWords(clock: ClockTrouble | undefined): Words | null {
  const { language, text } = useTexts()
  if (clock === undefined) return null
  const off = clock.off_seconds ?? 0
  const title = off < 0 ? text.clock.behind : text.clock.ahead
  return {
    title: off === 0 ? text.clock.unknown : title(span(off, language)),
    next: clock.suspended
      ? [text.clock.next, text.clock.heals].join(language === 'en' ? ' ' : '')
      : text.clock.mend,
  }
}
