import type { Bridge, Known } from '../../core/bridge.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { InBrowser } from './in_browser.tsx'
import { InFrame } from './in_frame.tsx'
import { InPage } from './in_page.tsx'

/** What every way of waiting needs. */
export interface WaitingProps {
  bridge: Bridge
  known: Known
  snapshot: Snapshot
  /** Asks for a new code. */
  begin: () => Promise<void>
}

/** A code is shown and nobody has scanned it yet: in one of three ways. */
export function Waiting(props: WaitingProps) {
  switch (props.snapshot.embed) {
    case 'page':
      return <InPage key={props.snapshot.attempt} {...props} />
    case 'browser':
      return <InBrowser key={props.snapshot.attempt} {...props} />
    case 'frame':
      return <InFrame key={props.snapshot.attempt} {...props} />
  }
}
