import { useTexts } from '../text/texts.ts'

/** Before the first snapshot: for a moment nothing, then a word. */
export function Opening() {
  const { text } = useTexts()
  return <p class="opening">{text.opening}</p>
}
