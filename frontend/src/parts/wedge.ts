import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Answer, Bridge } from '../core/bridge.ts'
import { type Heard, Wedge } from '../core/wedge.ts'

/** What a scanner has begun and not finished in this time shows no longer. In milliseconds. */
const silence = 1000

/** How far a badge is. */
export type Reading =
  | { at: 'ready' | 'reading' | 'checking' | 'unanswered' }
  | { at: 'refused'; answer: Answer & { result: 'refused' } }

export interface BadgeReader {
  reading: Reading
  /** Takes the text of a badge. */
  take: (text: string) => Promise<void>
  /** Forgets what the last badge has come to. */
  reset: () => void
}

/** Reads badges: from a scanner anywhere in the window while `on`, and what is typed. */
export function useBadgeReader(bridge: Bridge, on: boolean, begun: () => void): BadgeReader {
  const [reading, setReading] = useState<Reading>({ at: 'ready' })
  const running = useRef(false)

  const take = useCallback(
    async (text: string) => {
      if (running.current) return
      running.current = true
      setReading({ at: 'checking' })
      begun()
      const answer = await bridge.signInByBadge(text)
      running.current = false
      if (answer === null) setReading({ at: 'unanswered' })
      else if (answer.result === 'refused') setReading({ at: 'refused', answer })
    },
    [bridge, begun],
  )
  const reset = useCallback(() => setReading({ at: 'ready' }), [])
  useEffect(() => {
    if (!on) reset()
  }, [on, reset])
  // A second swing past the scanner is no reason to hide what the first has come to.
  const before = useRef<Reading>({ at: 'ready' })
  useWedge(on, (heard) => {
    if (heard.kind === 'badge') void take(heard.text)
    else if (running.current) return
    else if (heard.kind !== 'reading') setReading(before.current)
    else {
      setReading((now) => {
        before.current = now
        return { at: 'reading' }
      })
    }
  })
  return { reading, take, reset }
}

/** Tells when a scanner begins to type, and what it has typed. */
function useWedge(on: boolean, tell: (heard: Heard) => void): void {
  const latest = useRef(tell)
  latest.current = tell
  const wedge = useRef(new Wedge())

  useLayoutEffect(() => {
    if (!on) return
    let reading = false
    let timer = 0
    const show = (heard: Heard) => {
      window.clearTimeout(timer)
      const was = reading
      reading = heard.kind === 'reading'
      if (reading) timer = window.setTimeout(() => show({ kind: 'other' }), silence)
      if (reading !== was || heard.kind === 'badge') latest.current(heard)
    }
    const hear = (event: KeyboardEvent) => {
      const heard = wedge.current.hear({ key: event.key, code: event.code, at: event.timeStamp })
      show(heard)
      if (heard.kind === 'other') return
      // Enter belongs to the badge, not to the button that has the focus; so does every
      // other key. A box to type in may have the digits: it is emptied with the view.
      if (heard.kind === 'reading' && event.target instanceof HTMLInputElement) return
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    // First of all: nobody else is to hear a badge.
    window.addEventListener('keydown', hear, true)
    return () => {
      window.clearTimeout(timer)
      window.removeEventListener('keydown', hear, true)
    }
  }, [on])
}
