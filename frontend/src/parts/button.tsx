import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'

interface Props {
  action: () => Promise<void> | void
  look?: 'main' | 'plain' | 'quiet'
  children: ComponentChildren
}

/**
 * Starts an action, and no second one while the first is under way: two fast
 * clicks ask for one code (authd #1766).
 */
export function Button({ action, look = 'plain', children }: Props) {
  const [busy, setBusy] = useState(false)
  // What was rendered is too late: clicks may come before the next rendering.
  const running = useRef(false)
  const start = async () => {
    if (running.current) return
    running.current = true
    setBusy(true)
    await action()
    running.current = false
    setBusy(false)
  }
  // aria-disabled and not disabled: focus must not fall off the button.
  return (
    <button type="button" class={`button button-${look}`} aria-disabled={busy} onClick={() => void start()}>
      {children}
    </button>
  )
}
