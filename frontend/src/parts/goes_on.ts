import { useEffect, useRef } from 'preact/hooks'
import type { Known } from '../core/bridge.ts'
import { isOffline, isOfNetwork } from '../core/view.ts'

/**
 * Asks for a code as soon as the network is back, where its want was all that
 * stood in the way: nobody has to come by and press a button.
 */
export function useGoesOn({ snapshot }: Known, begin: () => Promise<void>): void {
  const wasOffline = useRef(false)
  useEffect(() => {
    if (snapshot === null) return
    const { phase, problem, can_retry: canRetry } = snapshot
    const back = wasOffline.current && snapshot.network?.state === 'online'
    if (back && phase === 'failed' && problem && isOfNetwork(problem) && canRetry) void begin()
    wasOffline.current = isOffline(snapshot)
  }, [snapshot, begin])
}
