import type { ComponentChildren, RefObject } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { useTexts } from '../text/texts.ts'
import { Announce } from './announcer.tsx'

interface Props {
  /** The name of the view on stage. */
  name: string
  children: ComponentChildren
}

/**
 * Where the view stands. When another one comes on, the keyboard and the
 * screen reader go to its beginning; not away from DingTalk's frame, though,
 * where someone may be typing: then the heading is only announced.
 */
export function Stage({ name, children }: Props) {
  const stage = useRef<HTMLElement>(null)
  const before = useRef('opening')
  const announce = useContext(Announce)
  const { language, text } = useTexts()

  useEffect(() => {
    const heading = stage.current?.querySelector('h1')
    if (before.current !== name && heading) {
      if (document.activeElement instanceof HTMLIFrameElement) announce(heading.textContent)
      else if (before.current !== 'opening') focusFirst(stage.current)
    }
    before.current = name
  }, [name, announce])

  useEffect(() => {
    const heading = stage.current?.querySelector('h1')
    document.title = [heading?.textContent, text.product].filter(Boolean).join(' · ')
  }, [name, language, text])

  return (
    <Scene key={name} name={name} outer={stage} entering={before.current !== 'opening'}>
      {children}
    </Scene>
  )
}

/** Where the keyboard begins: at a box to type in that says so, else at the heading. */
export function focusFirst(view: HTMLElement | null): void {
  const first = view?.querySelector<HTMLElement>('[data-first]') ?? view?.querySelector('h1')
  first?.focus()
}

interface SceneProps extends Props {
  outer: RefObject<HTMLElement | null>
  entering: boolean
}

/** One view's time on stage; how it came on does not change while it is there. */
function Scene({ name, outer, entering, children }: SceneProps) {
  const [moving] = useState(entering)
  return (
    <main class="stage" ref={outer} data-view={name} data-entering={moving}>
      {children}
    </main>
  )
}
