import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import problems from '../../../backend/words/problems.json'
import type { Language, Person } from '../core/snapshot.ts'
import { en } from './en.ts'
import { soonOrLater } from './moment.ts'
import { type Texts, zh } from './zh.ts'

export type { Texts }

export const texts: Record<Language, Texts> = { 'zh-CN': zh, en }

/** What happened and what to do next. */
export interface Words {
  title: string
  next: string
}

/**
 * The words for an error code; those of `internal` for one that is not in the table. A detail that begins with the
 * name of a case and a colon chooses among the cases of a code, as backend/words does.
 */
export function problemWords(language: Language, code: string, detail = ''): Words {
  const table: Record<string, Words> & { internal: Words } = problems[language]
  const found = [`${code}:${detail.split(':')[0]}`, code].find((key) => Object.hasOwn(table, key))
  return (found && table[found]) || table.internal
}

/** The words for a reason of backend/offline or backend/identity; general ones for a word that is not in the table. */
export function refusedWords({ refused }: Texts, reason: string): Words {
  return (Object.hasOwn(refused, reason) && refused[reason]) || refused.else
}

/** How long and how often somebody may still pass without DingTalk; '' where that is not limited, or not allowed. */
export function limitsOf({ welcome }: Texts, person: Person, now: string, language: Language): string {
  const { offline_until: until, uses_left: uses } = person
  return [
    until !== undefined && welcome.until(soonOrLater(until, now, language)),
    uses !== undefined && welcome.uses(uses),
  ]
    .filter(Boolean)
    .join(language === 'en' ? ', ' : '，')
}

/** The language of the page; set by App. */
export const LanguageContext = createContext<Language>('zh-CN')

/** The language of the page and its texts. */
export function useTexts(): { language: Language; text: Texts } {
  const language = useContext(LanguageContext)
  return { language, text: texts[language] }
}
