import type { TargetedEvent } from 'preact'
import { useState } from 'preact/hooks'
import { pastedAnswer } from '../core/answer.ts'
import { useTexts } from '../text/texts.ts'
import { Fold } from './fold.tsx'

/** The way out when the browser insists on https for our address. */
export function Paste({ open }: { open: (answer: URL) => void }) {
  const { text } = useTexts()
  const [pasted, setPasted] = useState('')
  const [wrong, setWrong] = useState(false)
  const own = new URL(window.location.href)

  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>) => {
    event.preventDefault()
    const answer = pastedAnswer(pasted, own)
    setWrong(answer === null)
    if (answer) open(answer)
  }

  return (
    <Fold label={text.paste.summary}>
      <form onSubmit={submit}>
        <label for="pasted">{text.paste.lead(`https://${own.host}/`)}</label>
        <div class="paste-line">
          <input
            id="pasted"
            name="pasted"
            aria-label={text.paste.label}
            aria-invalid={wrong}
            aria-describedby={wrong ? 'pasted-wrong' : undefined}
            autocomplete="off"
            spellcheck={false}
            value={pasted}
            onInput={(event) => setPasted(event.currentTarget.value)}
          />
          <button class="button button-plain">{text.paste.submit}</button>
        </div>
        {wrong && (
          <p id="pasted-wrong" class="paste-wrong" role="alert">
            {text.paste.wrong}
          </p>
        )}
      </form>
    </Fold>
  )
}
