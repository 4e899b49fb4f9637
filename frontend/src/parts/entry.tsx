import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { clockFace } from '../core/countdown.ts'
import type { PadKey } from '../core/digits.ts'
import { useTexts } from '../text/texts.ts'
import { Announce } from './announcer.tsx'
import { Pad } from './pad.tsx'
import { useTyped } from './typed.ts'

/** Fewer digits are no PIN (backend/offline/pin.go). */
const shortest = 6

interface Props {
  /** What was wrong with the last one; '' where nothing was. */
  word: string
  /** How many seconds nothing can be typed. */
  wait: number
  /** The core is at work on the last one. */
  busy: boolean
  /** What the largest key of the pad says. */
  enter: string
  submit: (pin: string) => void
}

/** Where a PIN is typed: dots, a line of words, the pad. Nothing of it moves, whatever is typed or answered. */
export function Entry({ word, wait, busy, enter, submit }: Props) {
  const { text } = useTexts()
  const announce = useContext(Announce)
  const typed = useTyped()
  const [short, setShort] = useState(false)
  useWaitAnnounced(wait)

  const press = (key: PadKey) => {
    const length = typed.length()
    setShort(key === 'enter' && length > 0 && length < shortest)
    if (key !== 'enter') typed.press(key)
    else if (length >= shortest) submit(typed.take())
  }
  const { count } = typed
  useEffect(() => {
    if (count > 0) announce(text.pin.typed(count))
  }, [count, announce, text])

  return (
    <>
      <div class="entry-said">
        {wait > 0 ? (
          <p class="entry-wait" role="timer" aria-live="off">
            <strong>{clockFace(wait)}</strong> {text.offline.lockedFor}
          </p>
        ) : (
          <Dots count={count} />
        )}
        <p class="entry-word" role="alert">
          {busy ? <span class="entry-calm">{text.offline.checking}</span> : short ? text.pin.tooShort : word}
        </p>
      </div>
      <Pad press={press} off={busy || wait > 0} enter={enter} ready={count >= shortest} />
    </>
  )
}

/** How many digits were typed, and nothing else of them. */
function Dots({ count }: { count: number }) {
  const { text } = useTexts()
  const places = Array.from({ length: Math.max(shortest, count) }, (_, place) => place < count)
  return (
    <div class="dots" role="img" aria-label={count > 0 ? text.pin.typed(count) : text.pin.none}>
      {places.map((filled, place) => (
        <span key={place} class={filled ? 'dot dot-filled' : 'dot'} />
      ))}
    </div>
  )
}

/** Tells a screen reader of a wait when it begins and when it is over, not each second. */
function useWaitAnnounced(wait: number): void {
  const { text } = useTexts()
  const announce = useContext(Announce)
  const waiting = wait > 0
  const seconds = useRef(wait)
  seconds.current = wait
  const before = useRef(false)
  useEffect(() => {
    if (waiting) announce(text.offline.lockedSpoken(clockFace(seconds.current)))
    else if (before.current) announce(text.offline.opened)
    before.current = waiting
  }, [waiting, announce, text])
}
