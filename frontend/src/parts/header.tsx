import type { Language } from '../core/snapshot.ts'
import { useTexts } from '../text/texts.ts'
import { Mark } from './icons.tsx'

interface Props {
  demo: boolean
  speak: (language: Language) => void
}

/** The top of every view: whose screen this is, and in which language. */
export function Header({ demo, speak }: Props) {
  const { language, text } = useTexts()
  const other = language === 'en' ? 'zh-CN' : 'en'
  return (
    <header class="header">
      {demo && <p class="demo">{text.demo}</p>}
      <div class="header-line">
        <span class="brand">
          <Mark />
          {text.product}
        </span>
        <button type="button" class="button button-quiet" lang={other} onClick={() => speak(other)}>
          {text.otherLanguage}
        </button>
      </div>
    </header>
  )
}
