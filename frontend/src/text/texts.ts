import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import problems from '../../../backend/words/problems.json'
import type { Language } from '../core/snapshot.ts'
import { en } from './en.ts'
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

/** The language of the page; set by App. */
export const LanguageContext = createContext<Language>('zh-CN')

/** The language of the page and its texts. */
export function useTexts(): { language: Language; text: Texts } {
  const language = useContext(LanguageContext)
  return { language, text: texts[language] }
}
