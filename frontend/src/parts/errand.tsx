import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useTexts } from '../text/texts.ts'
import { Button } from './button.tsx'
import { Back } from './icons.tsx'
import { Lead } from './lead.tsx'
import { useLeaving } from './leaving.ts'
import { focusFirst } from './stage.tsx'

interface Props {
  /** `pad`: words beside the pad. `board`: above a keyboard. `notice`: one thing to say, in the middle. */
  look: 'pad' | 'board' | 'notice'
  /** Where the errand stands; at another step the keyboard begins anew. */
  step: string
  title: string
  lead: ComponentChildren
  /** Above the heading. */
  sign?: ComponentChildren
  /** More ways on, beside the way back. */
  foot?: ComponentChildren
  /** What the way back says where all is done. */
  end?: string
  /** Gives the errand up. It happens by itself when nobody is there any more. */
  back: () => void
  children?: ComponentChildren
}

/** What all errands share: a heading for each step, a way back, and an end for who has gone. */
export function Errand({ look, step, title, lead, sign, foot, end, back, children }: Props) {
  const { text } = useTexts()
  const section = useRef<HTMLElement>(null)
  const before = useRef(step)
  const left = useLeaving(back)

  useEffect(() => {
    if (before.current !== step) focusFirst(section.current)
    before.current = step
  }, [step])

  useEffect(() => {
    document.title = `${title} · ${text.product}`
  }, [title, text])

  return (
    <section class={`errand errand-${look}`} ref={section}>
      <div class="errand-head">
        {sign}
        <h1 tabIndex={-1}>{title}</h1>
        {typeof lead === 'string' ? <Lead text={lead} /> : <p class="lead">{lead}</p>}
      </div>
      {children}
      <div class="errand-foot">
        <div class="actions">
          <Button look={end === undefined ? 'quiet' : 'main'} action={back}>
            {end ?? (
              <>
                <Back />
                {text.offline.back}
              </>
            )}
          </Button>
          {foot}
        </div>
        <p class="leaving" data-shown={left !== null}>
          <span>{text.offline.leaving(left ?? 0)}</span>
          {/* Any key and any touch is enough; this says so. */}
          <Button action={() => undefined}>{text.offline.stay}</Button>
        </p>
      </div>
    </section>
  )
}
