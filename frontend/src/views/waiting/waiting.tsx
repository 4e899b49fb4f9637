import { InBrowser } from './in_browser.tsx'
import { InFrame } from './in_frame.tsx'
import { InPage } from './in_page.tsx'
import type { WaitingProps } from './props.ts'

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
