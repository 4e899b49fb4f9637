import { Lead } from '../parts/lead.tsx'
import { useTexts } from '../text/texts.ts'

/** The phone has confirmed; DingTalk is being asked who that is. */
export function Working() {
  const { text } = useTexts()
  return (
    <section class="notice" aria-busy="true">
      <svg class="spinner" viewBox="0 0 48 48" aria-hidden="true">
        <circle class="spinner-track" cx="24" cy="24" r="20" />
        <circle class="spinner-arc" cx="24" cy="24" r="20" pathLength="100" />
      </svg>
      <h1 tabIndex={-1}>{text.working.title}</h1>
      <Lead text={text.working.lead} />
    </section>
  )
}
