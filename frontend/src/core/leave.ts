import type { Bridge } from './bridge.ts'
import { recall, remember } from './memory.ts'

const leftFor = 'dingpass.left-for-page'

/** Leaves for DingTalk's full page because the person asked for it. */
export function leave(bridge: Bridge, attempt: string): void {
  remember(leftFor, attempt)
  bridge.openPage()
}

/**
 * Leaves unasked, once for an attempt: whoever comes back with Back wants to
 * be here. Where the window remembers nothing it stays, since leaving each
 * time would be a trap.
 */
export function leaveOnce(bridge: Bridge, attempt: string): void {
  if (recall(leftFor) !== attempt && remember(leftFor, attempt)) bridge.openPage()
}
