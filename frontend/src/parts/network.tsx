import { useContext, useEffect, useRef } from 'preact/hooks'
import type { Known } from '../core/bridge.ts'
import { clockFace, secondsUntil } from '../core/countdown.ts'
import type { Network } from '../core/snapshot.ts'
import { type Texts, useTexts } from '../text/texts.ts'
import { Announce } from './announcer.tsx'
import { Button } from './button.tsx'
import { Refresh, Unplugged } from './icons.tsx'
import { useTicker } from './ticker.ts'

/** Says beside the name of the product that all is well; nothing else. */
export function NetworkDot({ network }: { network: Network | undefined }) {
  const { text } = useTexts()
  if (network?.state !== 'online') return null
  return <span class="network-dot">{text.network.states.online}</span>
}

interface Props {
  known: Known
  retry: () => Promise<void>
}

/** Where the network is not well: how it is, why, when DingTalk is asked again, and «now» (pretixscan-android PR 28). */
export function NetworkLine({ known, retry }: Props) {
  const { text } = useTexts()
  const network = known.snapshot?.network
  const state = network?.state
  const said = state === 'shaky' || state === 'offline'
  const reason = said ? reasonOf(text.network, network?.reason) : ''
  const title = titleOf(text.network.states, network)
  const words = title && `${title} ${reason}`
  useChangeAnnounced(words, state === 'online')
  if (!said) return null
  return (
    <div class={`strip strip-${state}`}>
      <Unplugged />
      <div class="strip-said">
        <p class="strip-words">
          <strong>{title}</strong> <span>{reason}</span>
        </p>
        <NextTry known={known} />
      </div>
      <Button action={retry}>
        <Refresh />
        {text.network.retry}
      </Button>
    </div>
  )
}

function NextTry({ known }: { known: Known }) {
  const { text } = useTexts()
  const at = Math.max(useTicker(250), known.receivedAt)
  const next = known.snapshot?.network?.next_try_at
  if (next === undefined) return null
  const seconds = secondsUntil(next, known, at)
  return (
    <span class="strip-next" role="timer" aria-live="off">
      {seconds > 0 ? text.network.next(clockFace(seconds)) : text.network.trying}
    </span>
  )
}

/** How it is; '' while nobody knows. */
function titleOf(states: Texts['network']['states'], network: Network | undefined): string {
  if (network === undefined || network.state === 'unknown') return ''
  const unplugged = network.state === 'offline' && network.reason === 'link_down'
  return states[unplugged ? 'unplugged' : network.state]
}

function reasonOf(words: { reasons: Record<string, string>; reason: string }, reason = ''): string {
  return (Object.hasOwn(words.reasons, reason) && words.reasons[reason]) || words.reason
}

/**
 * Tells a screen reader of another state, but not that all is as usual from the
 * start, nor of the same in another language.
 */
function useChangeAnnounced(words: string, usual: boolean): void {
  const announce = useContext(Announce)
  const { language } = useTexts()
  const before = useRef({ words, language })
  useEffect(() => {
    const { current } = before
    const known = current.words !== '' || !usual
    if (known && words !== current.words && language === current.language && words !== '') announce(words)
    before.current = { words, language }
  }, [words, usual, language, announce])
}
