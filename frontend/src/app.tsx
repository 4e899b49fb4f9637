import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Bridge, type Known, nothingKnown } from './core/bridge.ts'
import { recall, remember } from './core/memory.ts'
import type { Language } from './core/snapshot.ts'
import { type View, viewOf } from './core/view.ts'
import { Announcer } from './parts/announcer.tsx'
import { Header } from './parts/header.tsx'
import { Refusal } from './parts/refusal.tsx'
import { Stage } from './parts/stage.tsx'
import { useTried } from './parts/tried.ts'
import { LanguageContext } from './text/texts.ts'
import { Gone } from './views/gone.tsx'
import { Idle } from './views/idle.tsx'
import { Opening } from './views/opening.tsx'
import { Problem } from './views/problem.tsx'
import { Waiting } from './views/waiting/waiting.tsx'
import { Welcome } from './views/welcome.tsx'
import { Working } from './views/working.tsx'

/** The whole interface: a function of what the bridge tells, and of the language chosen here. */
export function App({ bridge }: { bridge: Bridge }) {
  const [known, setKnown] = useState<Known>(nothingKnown)
  useEffect(() => bridge.follow(setKnown), [bridge])

  const { snapshot } = known
  const [language, speak] = useLanguage(snapshot?.language ?? browserLanguage())
  const tried = useTried(known)
  const begin = useCallback(() => bridge.begin(tried() ? { tried: true } : {}), [bridge, tried])

  const view = viewOf(known)
  return (
    <LanguageContext.Provider value={language}>
      <Announcer>
        <Header demo={snapshot?.demo ?? false} speak={speak} />
        <Stage name={view.name}>
          {view.name !== 'gone' && known.refusal && <Refusal problem={known.refusal} />}
          <Shown view={view} known={known} bridge={bridge} begin={begin} />
        </Stage>
      </Announcer>
    </LanguageContext.Provider>
  )
}

interface ShownProps {
  view: View
  known: Known
  bridge: Bridge
  begin: () => Promise<void>
}

function Shown({ view, known, bridge, begin }: ShownProps) {
  switch (view.name) {
    case 'opening':
      return <Opening />
    case 'gone':
      return <Gone why={view.why} />
    case 'idle':
      return <Idle known={known} begin={begin} />
    case 'waiting':
      return <Waiting bridge={bridge} known={known} snapshot={view.snapshot} begin={begin} />
    case 'working':
      return <Working />
    case 'welcome':
      return (
        <Welcome person={view.person} canSignOut={view.snapshot.can_retry} signOut={() => bridge.signOut()} />
      )
    case 'problem': {
      const { phase, hint, can_retry: canRetry } = view.snapshot
      return <Problem phase={phase} problem={view.problem} hint={hint} canRetry={canRetry} begin={begin} />
    }
  }
}

/** Before the core has said anything, and where it refuses to. */
function browserLanguage(): Language {
  return navigator.language.startsWith('zh') ? 'zh-CN' : 'en'
}

const chosenLanguage = 'dingpass.language'

/** The language chosen in this window, else the one of the core's settings. */
function useLanguage(set: Language): [Language, (language: Language) => void] {
  const [chosen, choose] = useState(recall(chosenLanguage))
  const language = chosen === 'zh-CN' || chosen === 'en' ? chosen : set

  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  const speak = useCallback((wanted: Language) => {
    remember(chosenLanguage, wanted)
    choose(wanted)
  }, [])
  return [language, speak]
}
