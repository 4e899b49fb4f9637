import { act } from 'preact/test-utils'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { bridge, hear, open, pass, press, root, say, stage } from './fake/rig.tsx'
import { live } from './fake/sample.ts'

const origin = 'https://login.dingtalk.com'

function frame(): HTMLIFrameElement {
  return root.querySelector('iframe') as HTMLIFrameElement
}

/** Touches DingTalk's frame: our page loses the focus to it, and sees nothing else. */
function touchFrame(): Promise<void> {
  frame().tabIndex = 0
  frame().focus()
  return act(() => void window.dispatchEvent(new Event('blur')))
}

/** Gives each frame a window of its own, since no test loads anything into it. */
function giveFramesWindows(): void {
  const windows = new WeakMap<HTMLIFrameElement, Window>()
  vi.spyOn(HTMLIFrameElement.prototype, 'contentWindow', 'get').mockImplementation(function (
    this: HTMLIFrameElement,
  ) {
    const known = windows.get(this) ?? ({} as Window)
    windows.set(this, known)
    return known
  })
}

/** Posts what DingTalk's frame would post. */
function post(data: unknown, source: unknown = frame().contentWindow): Promise<void> {
  const message = new MessageEvent('message', { data, origin })
  Object.defineProperty(message, 'source', { value: source })
  return act(() => void window.dispatchEvent(message))
}

function answer(code: string) {
  return { success: true, redirectUrl: `${window.location.origin}/callback?code=${code}&state=s` }
}

stage()
beforeEach(giveFramesWindows)

describe("DingTalk's frame", () => {
  test('may run scripts and forms of its own, and nothing else', async () => {
    await say()
    expect(frame().getAttribute('src')).toBe('/login/start?frame=1')
    expect(frame().getAttribute('sandbox')).toBe('allow-scripts allow-forms allow-same-origin')
    expect(frame().getAttribute('referrerpolicy')).toBe('strict-origin-when-cross-origin')
    expect(frame().title).not.toBe('')
  })

  test('stays the same while nothing but the clock changes', async () => {
    await say()
    const first = frame()
    await say({ seq: 2, now: '2026-11-21T12:02:00Z' })
    expect(frame()).toBe(first)
  })

  // authd #1537, #1901
  test('is a new one for each new code, fifty times in a row', async () => {
    const frames = new Set<HTMLIFrameElement>()
    for (let n = 0; n < 50; n++) {
      await say({ seq: n, attempt: `attempt-${n}` })
      frames.add(frame())
    }
    expect(frames.size).toBe(50)
    expect(root.querySelectorAll('iframe')).toHaveLength(1)
  })

  test('hands its answer to the core, once', async () => {
    await say()
    await post(answer('one'))
    await post(answer('two'))
    expect(bridge.complete.mock.calls.map(([url]) => url.searchParams.get('code'))).toEqual(['one'])
  })

  test('may answer again for the next code', async () => {
    await say()
    await post(answer('one'))
    await say({ seq: 2, attempt: 'second' })
    await post(answer('two'))
    expect(bridge.complete).toHaveBeenCalledTimes(2)
  })

  test('is not believed any more when its code is gone', async () => {
    await say()
    const old = frame().contentWindow
    await say({ seq: 2, attempt: 'second' })
    await post(answer('one'), old)
    expect(bridge.complete).not.toHaveBeenCalled()
  })

  // EasyPubMed #38
  test('is the only window that is believed', async () => {
    await say()
    await post(answer('one'), window)
    expect(bridge.complete).not.toHaveBeenCalled()
  })

  test('that shows no life makes the full page the main way', async () => {
    await say()
    expect(root.querySelector('.way-out-now')).toBeNull()
    await pass(8000)
    expect(root.querySelector('.way-out-now')).not.toBeNull()
    await press('full page')
    expect(bridge.openPage).toHaveBeenCalledOnce()
  })

  test('that has loaded in time does not', async () => {
    await say()
    await act(() => void frame().dispatchEvent(new Event('load')))
    await pass(8000)
    expect(root.querySelector('.way-out-now')).toBeNull()
  })

  // vue-wxlogin #11
  test('that says it cannot go on makes the full page the main way', async () => {
    await say()
    await post({ success: false, errorMsg: 'Browser not support' })
    expect(root.querySelector('.way-out-now')).not.toBeNull()
    expect(root.textContent).not.toContain('Browser not support')
  })
})

describe('a new code', () => {
  /** A code that came up this long ago, in seconds. */
  const up = (seconds: number) => ({ now: new Date(Date.UTC(2026, 10, 21, 12, 0, seconds)).toISOString() })

  // One vain try is enough for the frame to be given up on a machine where it has not worked yet.
  test.each(['New code', 'full page', 'Cancel', '中文'])(
    'is no sign of a vain try after «%s»',
    async (label) => {
      await say(up(5))
      await press(label)
      await say({ ...up(6), seq: 2, phase: 'waiting', language: 'en' })
      await press(label === '中文' ? '换一个二维码' : 'New code')
      expect(bridge.begin).toHaveBeenLastCalledWith({})
    },
  )

  test('that is asked for at once says nothing of the frame', async () => {
    await say(up(1))
    await pass(18_000)
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({})
  })

  test('says that the old one was tried when there was time to scan it', async () => {
    await say(up(1))
    await pass(19_000)
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({ tried: true })
  })

  test('does not count the time by a wrong clock of this machine', async () => {
    vi.setSystemTime('2031-01-01T00:00:00Z')
    await say(up(5))
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({})
  })

  // Who comes to an expired code has not tried it, however long it was up.
  test('says nothing after the end of one that nobody touched', async () => {
    await say()
    await say({ seq: 2, phase: 'expired' })
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({})
  })

  test('counts a finger on the frame', async () => {
    await say(up(5))
    await touchFrame()
    await say({ seq: 2, phase: 'expired' })
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({ tried: true })
  })

  test('says nothing of a finger on an older frame', async () => {
    await say()
    await touchFrame()
    await say({ ...up(5), seq: 2, attempt: 'second' })
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledWith({})
  })

  // authd #1766
  test('is asked for once by two fast clicks', async () => {
    bridge.begin.mockReturnValueOnce(new Promise(() => undefined))
    await say()
    await press('New code')
    await press('New code')
    expect(bridge.begin).toHaveBeenCalledOnce()
  })
})

describe("DingTalk's full page", () => {
  test('is gone to once for a code, so that Back is no trap', async () => {
    await say({ embed: 'page' })
    expect(bridge.openPage).toHaveBeenCalledOnce()
    await open()
    await say({ embed: 'page' })
    expect(bridge.openPage).toHaveBeenCalledOnce()
    await press('Go to DingTalk')
    expect(bridge.openPage).toHaveBeenCalledTimes(2)
  })

  test('is not gone to twice when the core says that it is shown now', async () => {
    await say()
    await press('full page')
    await say({ seq: 2, embed: 'page' })
    expect(bridge.openPage).toHaveBeenCalledOnce()
  })

  test('is gone to again for the next code', async () => {
    await say({ embed: 'page' })
    await say({ embed: 'page', seq: 2, attempt: 'second' })
    expect(bridge.openPage).toHaveBeenCalledTimes(2)
  })

  // OrcaSlicer #716
  test('waits for a press where the window remembers nothing', async () => {
    const broken = vi.spyOn(window.sessionStorage, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await say({ embed: 'page' })
    broken.mockRestore()
    expect(bridge.openPage).not.toHaveBeenCalled()
  })
})

describe('the page', () => {
  test('is told to screen readers in the language of its words', async () => {
    await say()
    expect(document.documentElement.lang).toBe('en')
    await press('中文')
    expect(document.documentElement.lang).toBe('zh-CN')
    expect(document.title).toBe('用钉钉扫码登录 · dingpass')
  })

  test('moves the focus to the heading of a new view', async () => {
    await say()
    await say({ seq: 2, phase: 'working' })
    expect(document.activeElement?.textContent).toBe('Checking who you are')
  })

  test('leaves the focus where it is when only the code changes', async () => {
    await say()
    root.querySelector<HTMLElement>('.actions button')?.focus()
    const focused = document.activeElement
    await say({ seq: 2, now: '2026-11-21T12:02:00Z' })
    expect(document.activeElement).toBe(focused)
  })

  test('reads out the last minute', async () => {
    await say({ now: '2026-11-21T12:03:58Z' })
    await pass(2500)
    expect(root.querySelector('[role=status]')?.textContent).toContain('60')
  })

  test('offers no second try where the result goes to another program', async () => {
    await say({ phase: 'failed', problem: { code: 'denied' }, can_retry: false })
    expect(root.querySelector('.actions')).toBeNull()
    expect(root.textContent).toContain('You can close this window.')
  })

  test('says why the core did not do what was asked, and stays where it is', async () => {
    const person = { name: '张三', source: 'online' as const, verified_at: '2026-11-21T12:00:00Z' }
    await hear({ ...live({ phase: 'signed_in', person }), refusal: { code: 'store_unavailable' } })
    expect(root.querySelector('[role=alert]')?.textContent).toContain('Nothing can be saved')
    expect(root.querySelector('h1')?.textContent).toContain('张三')
  })

  test('shows a name as text, whatever it holds', async () => {
    const name = '<img src=x onerror=alert(1)>'
    await say({ phase: 'signed_in', person: { name, source: 'online', verified_at: '2026-11-21T12:00:00Z' } })
    expect(root.querySelector('img')).toBeNull()
    expect(root.querySelector('h1')?.textContent).toContain(name)
  })

  // django-bolt #307
  test('takes a pasted address of our own and refuses any other', async () => {
    await say({ embed: 'browser' })
    const input = root.querySelector('input') as HTMLInputElement
    const type = async (text: string) => {
      input.value = text
      await act(() => void input.dispatchEvent(new Event('input', { bubbles: true })))
      await act(() => void input.form?.dispatchEvent(new Event('submit', { cancelable: true })))
    }
    await type('https://evil.example/callback?code=c&state=s')
    expect(root.querySelector('[role=alert]')).not.toBeNull()
    expect(bridge.openAnswer).not.toHaveBeenCalled()
    await type(`${window.location.origin}/callback?code=c&state=s`)
    expect(bridge.openAnswer).toHaveBeenCalledOnce()
  })
})
