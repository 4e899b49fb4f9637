import { useTexts } from '../text/texts.ts'

/** A line of help that the core asks for; nothing where it does not, or where we have no words. */
export function Hint({ hint }: { hint: string | undefined }) {
  const { text } = useTexts()
  const words = hint === undefined ? undefined : text.hints[hint]
  return words === undefined ? null : <p class="hint">{words}</p>
}
