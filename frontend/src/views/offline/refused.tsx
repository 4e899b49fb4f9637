import type { Way } from '../../core/snapshot.ts'
import { isOffline } from '../../core/view.ts'
import { Button } from '../../parts/button.tsx'
import { Alert, Clock } from '../../parts/icons.tsx'
import { Ways } from '../../parts/ways.tsx'
import { useTexts } from '../../text/texts.ts'
import type { ErrandProps } from './props.ts'

/** Reasons that time, the network or a scan heal: no alarm. */
const calm = new Set(['too_old', 'used_up', 'device_used_up', 'not_now'])

/** They heal too, but this machine is not as it should be. */
const warned = new Set(['suspended', 'clock_behind', 'stale'])

/** The sign above the words for a reason. */
export function RefusedSign({ reason }: { reason: string }) {
  const look = calm.has(reason) ? 'calm' : warned.has(reason) ? 'warn' : 'bad'
  return <div class={`badge badge-${look}`}>{look === 'bad' ? <Alert /> : <Clock />}</div>
}

interface Props {
  props: ErrandProps
  /** The way that has been refused. */
  way: Way
  again: () => void
}

/** What can be done after a refusal: DingTalk's code where it can work, another way, another try. */
export function RefusedWays({ props, way, again }: Props) {
  const { text } = useTexts()
  const { snapshot, go, scan } = props
  return (
    <div class="actions">
      {!isOffline(snapshot) && (
        <Button look="main" action={scan}>
          {text.signIn}
        </Button>
      )}
      <Ways snapshot={snapshot} go={go} but={way} />
      <Button action={again}>{text.offline.again}</Button>
    </div>
  )
}
