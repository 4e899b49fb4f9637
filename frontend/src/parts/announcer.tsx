import { type ComponentChildren, createContext } from 'preact'
import { useState } from 'preact/hooks'

/** Has a sentence read out by a screen reader, when it next pauses. */
export const Announce = createContext<(sentence: string) => void>(() => undefined)

/** Holds the one live region of the page; more than one would talk across each other. */
export function Announcer({ children }: { children: ComponentChildren }) {
  const [sentence, announce] = useState('')
  return (
    <Announce.Provider value={announce}>
      {children}
      <p class="spoken" role="status" aria-live="polite">
        {sentence}
      </p>
    </Announce.Provider>
  )
}
