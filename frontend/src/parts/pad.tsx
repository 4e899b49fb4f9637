import { useLayoutEffect, useRef } from 'preact/hooks'
import { type PadKey, padKey } from '../core/digits.ts'
import { useTexts } from '../text/texts.ts'
import { Erase } from './icons.tsx'

const keys: PadKey[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'clear', '0', 'back']

interface Props {
  press: (key: PadKey) => void
  /** Keys do nothing for now; they stay where they are and as they are. */
  off: boolean
  /** What the largest key says. */
  enter: string
  /** There is enough to enter. The key still answers: it says what is missing. */
  ready: boolean
}

/**
 * A pad to type a PIN on, by finger, mouse, or the keyboard, wherever the focus
 * is. Each key's name is what it types (odoo #179501: 0 was backspace).
 */
export function Pad({ press, off, enter, ready }: Props) {
  const { text } = useTexts()
  const pressed = (key: PadKey) => {
    if (!off) press(key)
  }
  useKeys(pressed)
  const names: Partial<Record<PadKey, string>> = { back: text.pin.back, clear: text.pin.clear }
  return (
    <div class="pad" role="group" aria-label={text.pin.pad}>
      {[...keys, 'enter' as const].map((key) => (
        <button
          key={key}
          type="button"
          class={`pad-key pad-${/\d/.test(key) ? 'digit' : key}`}
          data-key={key}
          aria-label={names[key]}
          aria-disabled={off || (key === 'enter' && !ready)}
          // A finger or mouse must not take the focus along: Enter would press the same digit again.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => pressed(key)}
        >
          {key === 'enter' ? enter : key === 'back' ? <Erase /> : key === 'clear' ? text.pin.clear : key}
        </button>
      ))}
    </div>
  )
}

/** Hears the keys of a pad anywhere in the window. */
function useKeys(press: (key: PadKey) => void): void {
  const latest = useRef(press)
  latest.current = press
  // Before the next key, which may come before the next frame: hence no plain effect.
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const key = padKey(event)
      if (key === null || (event.repeat && key !== 'back')) return
      if (key === 'enter' && isControl(event.target)) return
      event.preventDefault()
      latest.current(key)
    }
    window.addEventListener('keydown', hear)
    return () => window.removeEventListener('keydown', hear)
  }, [])
}

/** True for what Enter presses by itself. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, input, summary') !== null
}
