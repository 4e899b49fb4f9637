import type { TargetedEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Back, Erase } from '../../parts/icons.tsx'
import { useTexts } from '../../text/texts.ts'

const rows = ['1234567890', 'QWERTYUIOP', 'ASDFGHJKL-', 'ZXCVBNM']

/** Asks for a job number, with a keyboard on the screen: a kiosk may have no other. */
export function JobNumber({ submit }: { submit: (number: string) => void }) {
  const { text } = useTexts()
  const box = useRef<HTMLInputElement>(null)
  const [number, setNumber] = useState('')

  const done = (event: TargetedEvent<HTMLFormElement, SubmitEvent>) => {
    event.preventDefault()
    // Input methods write full-width letters; the core compares without regard to case.
    const given = number.normalize('NFKC').trim()
    if (given !== '') submit(given)
    else box.current?.focus()
  }

  return (
    <form class="board" onSubmit={done}>
      <input
        ref={box}
        class="board-line"
        name="number"
        aria-label={text.pin.number}
        data-first
        // The keyboard is below; the system's would cover it.
        inputMode="none"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        maxLength={32}
        value={number}
        onInput={(event) => setNumber(event.currentTarget.value)}
      />
      {rows.map((row, line) => (
        <div key={row} class="board-row">
          {Array.from(row, (key) => (
            <Key key={key} press={() => setNumber((before) => before + key)}>
              {key}
            </Key>
          ))}
          {line === 3 && (
            <>
              <Key label={text.pin.delete} press={() => setNumber((before) => before.slice(0, -1))}>
                <Erase />
              </Key>
              <button class="pad-key pad-enter board-next">
                {text.pin.next}
                <Back />
              </button>
            </>
          )}
        </div>
      ))}
    </form>
  )
}

interface KeyProps {
  press: () => void
  label?: string
  children: preact.ComponentChildren
}

/** A key of the keyboard on the screen; the box keeps the focus and its caret. */
function Key({ press, label, children }: KeyProps) {
  return (
    <button
      type="button"
      class="pad-key"
      aria-label={label}
      onMouseDown={(event) => event.preventDefault()}
      onClick={press}
    >
      {children}
    </button>
  )
}
