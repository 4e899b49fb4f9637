import type { Problem } from '../core/snapshot.ts'
import { problemWords, useTexts } from '../text/texts.ts'

/** Why the core did not do what was asked, above the view that goes on as it was. */
export function Refusal({ problem }: { problem: Problem }) {
  const { language } = useTexts()
  const { title, next } = problemWords(language, problem.code, problem.detail)
  return (
    <p class="refusal" role="alert">
      <strong>{title}</strong> {next}
    </p>
  )
}
