import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Bridge, type Known, nothingKnown } from './core/bridge.ts'
import { recall, remember } from './core/memory.ts'
import type { Language } from './core/snapshot.ts'
import { type Errand, fits, type View, viewOf } from './core/view.ts'
import { Announcer } from './parts/announcer.tsx'
import { Header } from './parts/header.tsx'
import { NetworkLine } from './parts/network.tsx'
import { Refusal } from './parts/refusal.tsx'
import { Stage } from './parts/stage.tsx'
import { useGoesOn } from './parts/goes_on.ts'
import { useTried } from './parts/tried.ts'
import { Warnings } from './parts/warnings.tsx'
import { waysOf } from './parts/ways.tsx'
import { type BadgeReader, useBadgeReader } from './parts/wedge.ts'
import { LanguageContext } from './text/texts.ts'
import { Gone } from './views/gone.tsx'
import { Idle } from './views/idle.tsx'
import { Lapsed } from './views/lapsed.tsx'
import { Badge } from './views/offline/badge.tsx'
import { Enrol } from './views/offline/enrol.tsx'
import { Pin } from './views/offline/pin.tsx'
import { Start } from './views/offline/start.tsx'
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

  useGoesOn(known, begin)

  const [errand, go] = useErrand(known)
  const view = viewOf(known, errand)
  const reader = useBadgeReader(
    bridge,
    takesBadges(view),
    useCallback(() => go('badge'), [go]),
  )

  return (
    <LanguageContext.Provider value={language}>
      <Announcer>
        <Header snapshot={snapshot} speak={speak}>
          {view.name !== 'gone' && <NetworkLine known={known} retry={() => bridge.retryNetwork()} />}
          <Warnings view={view} />
        </Header>
        <Stage name={view.name}>
          {view.name !== 'gone' && known.refusal && <Refusal problem={known.refusal} />}
          <Shown view={view} known={known} bridge={bridge} begin={begin} go={go} reader={reader} />
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
  go: (errand: Errand | null) => void
  reader: BadgeReader
}

function Shown({ view, known, bridge, begin, go, reader }: ShownProps) {
  const { reset } = reader
  const back = useCallback(() => {
    reset()
    go(null)
  }, [reset, go])
  const signOut = () => bridge.signOut()
  const scan = async () => {
    back()
    if (known.snapshot?.phase !== 'waiting') await begin()
  }
  switch (view.name) {
    case 'opening':
      return <Opening />
    case 'gone':
      return <Gone why={view.why} />
    case 'idle':
      return <Idle known={known} snapshot={view.snapshot} begin={begin} go={go} />
    case 'offline':
      return <Start known={known} snapshot={view.snapshot} go={go} cancel={() => bridge.cancel()} />
    case 'waiting':
      return <Waiting bridge={bridge} known={known} snapshot={view.snapshot} begin={begin} go={go} />
    case 'working':
      return <Working />
    case 'welcome':
      return <Welcome snapshot={view.snapshot} person={view.person} signOut={signOut} go={go} />
    case 'lapsed':
      return <Lapsed snapshot={view.snapshot} person={view.person} begin={begin} signOut={signOut} go={go} />
    case 'problem':
      return <Problem snapshot={view.snapshot} problem={view.problem} begin={begin} go={go} />
    case 'pin':
      return <Pin {...{ bridge, known, snapshot: view.snapshot, go, back, scan }} />
    case 'badge':
      return <Badge {...{ bridge, known, snapshot: view.snapshot, go, back, scan, reader }} />
    case 'enrol':
      return <Enrol {...{ bridge, known, snapshot: view.snapshot, person: view.person, go, back, scan }} />
  }
}

/** What somebody has set out to do; forgotten when it cannot go on, so that it does not come back later. */
function useErrand(known: Known): [Errand | null, (errand: Errand | null) => void] {
  const [errand, go] = useState<Errand | null>(null)
  const { snapshot, link } = known
  const over = errand !== null && (link !== 'live' || snapshot === null || !fits(errand, snapshot))
  useEffect(() => {
    if (over) go(null)
  }, [over])
  return [errand, go]
}

/** Where a badge may be scanned: wherever somebody could sign in by one, whatever has the focus. */
function takesBadges(view: View): boolean {
  switch (view.name) {
    case 'badge':
      return true
    case 'idle':
    case 'offline':
    case 'waiting':
    case 'problem':
    case 'lapsed':
    case 'pin':
      return waysOf(view.snapshot).includes('badge')
    default:
      return false
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
