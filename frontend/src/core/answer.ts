// The two ways in which DingTalk's answer reaches the page instead of going
// straight to the core. Both are only checked here and judged by the core: it
// alone knows the state.

/** What a message from DingTalk's frame means. */
export type FrameAnswer = { kind: 'answer'; url: URL } | { kind: 'trouble' } | { kind: 'ignored' }

const ignored: FrameAnswer = { kind: 'ignored' }

/**
 * Judges a window message. DingTalk's frame does not navigate: it posts
 * `{success, redirectUrl}` or `{success: false, errorMsg}` to the page around
 * it, and any other window may post the same (EasyPubMed #38, MaxKB PR #4526).
 * So the origin must be DingTalk's to the letter (its own script matches a
 * pattern that `login.dingtalk.com.example` passes), the source must be our
 * frame, and the answer must be an address of our own.
 */
export function frameAnswer(
  message: Pick<MessageEvent<unknown>, 'origin' | 'source' | 'data'>,
  expected: { origin: string; source: unknown; own: string },
): FrameAnswer {
  if (message.origin !== expected.origin) return ignored
  if (!message.source || message.source !== expected.source) return ignored
  if (!isPlainObject(message.data)) return ignored
  const { success, redirectUrl, errorMsg } = message.data
  if (success === false && typeof errorMsg === 'string') return { kind: 'trouble' }
  if (success !== true || typeof redirectUrl !== 'string') return ignored
  const url = parseURL(redirectUrl)
  if (url?.origin !== expected.own) return ignored
  return { kind: 'answer', url }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads the address that a browser could not open because it had turned http
 * into https (HTTPS-only mode; django-bolt #307, cli/cli PR #650). Answers the
 * same address with our own scheme, or null for anything but DingTalk's answer
 * to this core: our host and port, with a state and a code or an error.
 */
export function pastedAnswer(text: string, own: URL): URL | null {
  const pasted = parseURL(text.trim())
  if (!pasted || !['http:', 'https:'].includes(pasted.protocol)) return null
  if (pasted.host !== own.host || pasted.username || pasted.password) return null
  const query = pasted.searchParams
  if (!query.has('state')) return null
  if (!['authCode', 'code', 'error'].some((name) => query.has(name))) return null
  pasted.protocol = own.protocol
  pasted.hash = ''
  return pasted
}

/** URL.parse, which WebKitGTK before 2.46 does not have. */
function parseURL(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
