import type { ComponentChildren } from 'preact'
import type { Language, Snapshot } from '../core/snapshot.ts'
import { useTexts } from '../text/texts.ts'
import { Mark } from './icons.tsx'
import { NetworkDot } from './network.tsx'

interface Props {
  snapshot: Snapshot | null
  speak: (language: Language) => void
  /** What is not well, above every view. */
  children?: ComponentChildren
}

/** The top of every view: whose screen this is, in which language, and what is not well. */
export function Header({ snapshot, speak, children }: Props) {
  const { language, text } = useTexts()
  const other = language === 'en' ? 'zh-CN' : 'en'
  return (
    <header class="header">
      {snapshot?.demo && <p class="demo">{text.demo}</p>}
      <div class="header-line">
        <span class="brand">
          <Mark />
          {text.product}
        </span>
        <span class="header-side">
          <NetworkDot network={snapshot?.network} />
          <button
            type="button"
            class="button button-quiet language"
            lang={other}
            onClick={() => speak(other)}
          >
            {text.otherLanguage}
          </button>
        </span>
      </div>
      {children}
    </header>
  )
}
