import { Plug } from '../parts/icons.tsx'
import { Lead } from '../parts/lead.tsx'
import { useTexts } from '../text/texts.ts'

/** The core is silent, or does not know this browser. Nothing here can be pressed. */
export function Gone({ why }: { why: 'lost' | 'refused' }) {
  const { text } = useTexts()
  return (
    <section class="notice">
      <div class={why === 'lost' ? 'badge badge-warn' : 'badge badge-calm'}>
        <Plug />
      </div>
      <h1 tabIndex={-1}>{text.gone[why]}</h1>
      <Lead text={why === 'lost' ? text.gone.lostNext : text.gone.refusedNext} />
    </section>
  )
}
