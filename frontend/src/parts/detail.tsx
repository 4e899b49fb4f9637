import { useRef, useState } from 'preact/hooks'
import type { Problem } from '../core/snapshot.ts'
import { useTexts } from '../text/texts.ts'
import { Fold } from './fold.tsx'

/** The code and the fact behind a failure, in one line that can be copied; folded away, since passers-by have no use for it. */
export function Detail({ problem }: { problem: Problem }) {
  const { text } = useTexts()
  const [copied, setCopied] = useState(false)
  const line = useRef<HTMLElement>(null)
  const words = [problem.code, problem.detail].filter(Boolean).join(' · ')

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(words)
      setCopied(true)
    } catch {
      // No clipboard here: the line is marked, ready for the keyboard.
      if (line.current) window.getSelection()?.selectAllChildren(line.current)
    }
  }

  return (
    <Fold label={text.problem.detail}>
      <p class="detail">
        <code ref={line}>{words}</code>
        <button type="button" class="button button-quiet" onClick={() => void copy()}>
          {copied ? text.problem.copied : text.problem.copy}
        </button>
      </p>
    </Fold>
  )
}
