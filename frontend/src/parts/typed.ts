import { useEffect, useRef, useState } from 'preact/hooks'
import type { Digit } from '../core/digits.ts'

/** More digits than anybody remembers; the core takes up to 64. */
const longest = 16

/** What is typed on a PIN pad: nothing but the count of its digits is ever rendered. */
export interface Typed {
  count: number
  /** The count now; what was rendered is too late for a fast typist. */
  length: () => number
  press: (key: Digit | 'back' | 'clear') => void
  /** Hands out the digits and forgets them. */
  take: () => string
}

/** Keeps the digits of one PIN outside of what is rendered, until they are taken or the view goes. */
export function useTyped(): Typed {
  const digits = useRef('')
  const [count, setCount] = useState(0)
  const set = (text: string) => {
    digits.current = text.slice(0, longest)
    setCount(digits.current.length)
  }
  useEffect(
    () => () => {
      digits.current = ''
    },
    [],
  )
  return {
    count,
    length: () => digits.current.length,
    press: (key) => {
      if (key === 'clear') set('')
      else if (key === 'back') set(digits.current.slice(0, -1))
      else set(digits.current + key)
    },
    take: () => {
      const taken = digits.current
      set('')
      return taken
    },
  }
}
