import rawConsole from 'node:console'
import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { App } from './app.tsx'
import type { Answer, Bridge, Known } from './core/bridge.ts'
import type { Person, Snapshot } from './core/snapshot.ts'
import { live } from './fake/sample.ts'

const allTen = '1029384756'
const badge = '34641' + '072'.repeat(21)

const person: Person = { name: '张三', source: 'online', verified_at: '2026-11-21T12:00:00Z' }
const noNetwork: Partial<Snapshot> = {
  phase: 'idle',
  network: { state: 'offline', reason: 'dns', next_try_at: '2026-11-21T12:01:20Z' },
  offline: { ways: ['pin', 'badge'] },
}

let tell: (known: Known) => void
let root: HTMLElement

const bridge = {
  frameAddress: '/login/start?frame=1',
  follow: (listener: (known: Known) => void) => {
    tell = listener
    return () => undefined
  },
  begin: vi.fn<Bridge['begin']>(),
  cancel: vi.fn<Bridge['cancel']>(),
  signOut: vi.fn<Bridge['signOut']>(),
  retryNetwork: vi.fn<Bridge['retryNetwork']>(),
  signInByPin: vi.fn<Bridge['signInByPin']>(),
  signInByBadge: vi.fn<Bridge['signInByBadge']>(),
  enrol: vi.fn<Bridge['enrol']>(),
  revoke: vi.fn<Bridge['revoke']>(),
  complete: vi.fn<Bridge['complete']>(),
  openPage: vi.fn<Bridge['openPage']>(),
  openAnswer: vi.fn<Bridge['openAnswer']>(),
} satisfies Bridge

/** Shows what the core would say now. */
function say(change: Partial<Snapshot>): Promise<void> {
  return act(() => tell({ ...live(change), receivedAt: performance.now() }))
}

function heading(): string {
  return root.querySelector('h1')?.textContent ?? ''
}

function words(): string {
  return root.querySelector('[role=alert]')?.textContent ?? ''
}

function dots(): number {
  return root.querySelectorAll('.dot-filled').length
}

async function press(label: string): Promise<void> {
  const all = [...root.querySelectorAll('button')]
  const button = all.find((one) => one.getAttribute('aria-label') === label || one.textContent === label)
  if (!button) throw new Error(`no button ${label} among ${all.map((one) => one.textContent).join()}`)
  await act(() => button.click())
}

function key(name: string, code = '', more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body
  const event = new KeyboardEvent('keydown', { key: name, code, bubbles: true, cancelable: true, ...more })
  return act(() => void target.dispatchEvent(event))
}

async function keys(text: string): Promise<void> {
  for (const one of text) await key(one, `Digit${one}`)
}

function pass(time: number): Promise<void> {
  return act(() => void vi.advanceTimersByTime(time))
}

/** Answers the PIN as the core would. */
function judge(answer: Answer | null): void {
  bridge.signInByPin.mockResolvedValueOnce(answer)
}

async function submit(pin: string): Promise<void> {
  await keys(pin)
  await key('Enter', 'Enter')
}

/** Opens the pad on a personal device, which knows whose PIN it is. */
async function openPad(change: Partial<Snapshot> = {}): Promise<void> {
  await say({ ...noNetwork, phase: 'waiting', person, ...change })
  await press('Use PIN')
}

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetAllMocks()
  window.sessionStorage.clear()
  // happy-dom says there of each frame that it does not load it.
  vi.spyOn(rawConsole, 'error').mockReturnValue()
  root = document.createElement('div')
  document.body.append(root)
  await act(() => render(<App bridge={bridge} />, root))
})

afterEach(() => {
  render(null, root)
  root.remove()
  vi.useRealTimers()
})

describe('the PIN pad', () => {
  // odoo #179501: 0 was backspace
  test.each([
    ['clicks', (digit: string) => press(digit)],
    ['the keyboard', (digit: string) => key(digit, `Digit${digit}`)],
    ['the number pad', (digit: string) => key(digit, `Numpad${digit}`)],
    ['the number pad without its lock', (digit: string) => key('Home', `Numpad${digit}`)],
    ['a Belgian keyboard', (digit: string) => key('§', `Digit${digit}`)],
    ['a Chinese input method', (digit: string) => key('Process', `Digit${digit}`)],
  ])('takes all ten digits from %s', async (_, type) => {
    await openPad()
    for (const digit of allTen) await type(digit)
    expect(dots()).toBe(10)
    await press('Sign in')
    expect(bridge.signInByPin).toHaveBeenCalledExactlyOnceWith(allTen, undefined)
  })

  test('takes digits back, one and all', async () => {
    await openPad()
    await keys('12345')
    await key('Backspace')
    await press('Delete a digit')
    expect(dots()).toBe(3)
    await press('Clear')
    expect(dots()).toBe(0)
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledWith('482915', undefined)
  })

  test('shows how many digits there are, and never which', async () => {
    await openPad()
    await keys('77')
    const one = root.innerHTML
    await press('Clear')
    await keys('13')
    expect(root.innerHTML).toBe(one)
    expect(root.querySelector('input')).toBeNull()
  })

  test('sends a PIN once, and keeps nothing of it', async () => {
    bridge.signInByPin.mockReturnValueOnce(new Promise(() => undefined))
    await openPad()
    await submit('482915')
    await key('Enter', 'Enter')
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledOnce()
    expect(dots()).toBe(0)
  })

  test('asks for six digits before it sends any', async () => {
    await openPad()
    await submit('48291')
    expect(bridge.signInByPin).not.toHaveBeenCalled()
    expect(words()).toBe('6 digits or more')
    await keys('5')
    expect(words()).toBe('')
  })

  test('leaves shortcuts of the browser alone, and a key that is held down', async () => {
    await openPad()
    await key('0', 'Digit0', { ctrlKey: true })
    await key('5', 'Digit5', { repeat: true })
    expect(dots()).toBe(0)
  })

  test('keeps what was typed when the language or anything else of the core changes', async () => {
    await openPad()
    await keys('482')
    await press('中文')
    await say({ ...noNetwork, phase: 'waiting', person, seq: 9, network: { state: 'online' } })
    expect(dots()).toBe(3)
  })

  test('never moves a key: the same stand in the same order whatever is said', async () => {
    const order = () =>
      [...root.querySelectorAll('.pad-key')].map((one) => one.getAttribute('data-key')).join()
    await openPad()
    const first = order()
    judge({ result: 'refused', reason: 'locked', left: 4, retry_at: '2026-11-21T12:01:30Z' })
    await submit('482915')
    expect(order()).toBe(first)
  })
})

describe('whose PIN it is', () => {
  test('is asked for where the device does not know, and nobody is listed', async () => {
    await say(noNetwork)
    await press('Use PIN')
    expect(heading()).toBe('What is your job number?')
    const box = root.querySelector('input') as HTMLInputElement
    expect(document.activeElement).toBe(box)
    for (const one of ['A', '0', '0', '7', 'Delete a character', '8']) await press(one)
    expect(box.value).toBe('A008')
    await act(() => void box.form?.dispatchEvent(new Event('submit', { cancelable: true })))
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledWith('482915', 'A008')
  })

  test('may be typed in full-width letters', async () => {
    await say(noNetwork)
    await press('Use PIN')
    const box = root.querySelector('input') as HTMLInputElement
    box.value = 'Ａ００７ '
    await act(() => void box.dispatchEvent(new Event('input', { bubbles: true })))
    await act(() => void box.form?.dispatchEvent(new Event('submit', { cancelable: true })))
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledWith('482915', 'A007')
  })
})

describe('a PIN that is refused', () => {
  // odoo #15003, #34058: any wrong PIN was accepted
  test('says how many tries are left, and lets nobody in', async () => {
    await openPad()
    judge({ result: 'refused', reason: 'wrong_pin', left: 7 })
    await submit('482915')
    expect(words()).toBe('Wrong PIN · 7 tries left')
    expect(heading()).toBe('Type your PIN')
  })

  test('counts a lock down, by the core’s clock, and takes nothing meanwhile', async () => {
    vi.setSystemTime('2031-01-01T00:00:00Z')
    await openPad()
    judge({ result: 'refused', reason: 'locked', left: 4, retry_at: '2026-11-21T12:01:10Z' })
    await submit('482915')
    await pass(100)
    expect(root.textContent).toContain('0:10')
    expect(root.querySelector('[role=status]')?.textContent).toContain('Locked')
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledOnce()
    await pass(10_000)
    expect(root.querySelector('[role=status]')?.textContent).toContain('again')
    await submit('482915')
    expect(bridge.signInByPin).toHaveBeenCalledTimes(2)
  })

  test('is known to be locked before anything is typed', async () => {
    const lock = { until: '2026-11-21T12:01:30Z', left: 2 }
    await openPad({ offline: { ways: ['pin'], lock } })
    expect(root.textContent).toContain('0:30')
    expect(words()).toContain('2 tries left')
  })

  test('is known to be locked for everybody on this device, which is not the person’s own doing', async () => {
    await openPad({ offline: { ways: ['pin', 'badge'], lock: { reason: 'device_locked', left: 9 } } })
    expect(heading()).toBe('PINs are locked on this device')
  })

  test('offers what still works when no PIN does', async () => {
    await openPad()
    judge({ result: 'refused', reason: 'hard_locked' })
    await submit('482915')
    expect(heading()).toBe('The PIN is locked')
    expect(root.querySelector('.pad')).toBeNull()
    await press('Use badge')
    expect(heading()).toBe('Scan your badge')
  })

  test('offers DingTalk’s code only where it can work', async () => {
    await openPad()
    judge({ result: 'refused', reason: 'too_old' })
    await submit('482915')
    expect(root.textContent).not.toContain('Sign in with DingTalk')
    await say({ ...noNetwork, phase: 'idle', network: { state: 'online' } })
    await press('Sign in with DingTalk')
    expect(bridge.begin).toHaveBeenCalledOnce()
  })

  test.each([
    ['not_enrolled', 'You have no PIN here yet'],
    ['suspended', 'Offline sign-in is paused'],
    ['used_up', 'Your offline uses are used up'],
    ['stale', 'The data here is an older copy'],
    ['gone', "You are not in this company's directory"],
    ['disabled', 'Your account is disabled'],
    ['a word of a later core', 'No offline sign-in just now'],
  ])('for the reason %s says so in words', async (reason, title) => {
    await openPad()
    judge({ result: 'refused', reason })
    await submit('482915')
    expect(heading()).toBe(title)
    expect(document.activeElement?.tagName).toBe('H1')
  })

  test('by a core that does not answer may be tried again', async () => {
    await openPad()
    judge(null)
    await submit('482915')
    expect(words()).toBe('There was no answer. Please try again.')
    expect(dots()).toBe(0)
  })
})

describe('who has gone', () => {
  // elastic/kibana #136154
  test('is warned, and what was typed goes after half a minute', async () => {
    await openPad()
    await keys('4829')
    await pass(9_000)
    expect(root.querySelector('[data-shown=true]')).toBeNull()
    await pass(1_000)
    expect(root.querySelector('[data-shown=true]')?.textContent).toContain('20 s')
    expect(root.querySelector('[role=status]')?.textContent).toContain('20 seconds')
    await pass(20_000)
    expect(heading()).toBe('Sign in without network')
    await press('Use PIN')
    expect(dots()).toBe(0)
  })

  test('stays by any key, as often as that is pressed', async () => {
    await openPad()
    await keys('48')
    for (let n = 0; n < 10; n++) {
      await pass(25_000)
      await key('Shift')
    }
    expect(dots()).toBe(2)
  })
})

describe('a badge', () => {
  /** A scanner types, with no time between its keys. */
  const scan = async (text: string) => {
    for (const digit of text) await key(digit, `Digit${digit}`)
    await key('Enter', 'Enter')
  }

  test.each([
    ['the start', () => say(noNetwork)],
    ['the PIN pad', () => openPad()],
    ['DingTalk’s code', () => say({ offline: { ways: ['badge'] }, network: { state: 'shaky' } })],
  ])('is heard at %s, with no box to type in', async (_, open) => {
    bridge.signInByBadge.mockReturnValueOnce(new Promise(() => undefined))
    await open()
    await scan(badge)
    expect(bridge.signInByBadge).toHaveBeenCalledExactlyOnceWith(badge)
    expect(heading()).toBe('Scan your badge')
    expect(root.querySelector('.scanner')?.getAttribute('data-busy')).toBe('true')
  })

  test('presses no button that has the focus with its Enter', async () => {
    bridge.signInByBadge.mockResolvedValueOnce(null)
    await say(noNetwork)
    root.querySelector<HTMLElement>('.strip button')?.focus()
    const seen = vi.fn()
    root.addEventListener('keydown', seen)
    await scan(badge)
    expect(seen).toHaveBeenCalledTimes(4) // until it was known for a badge
  })

  test('that is scanned twice counts once', async () => {
    bridge.signInByBadge.mockResolvedValue({ result: 'refused', reason: 'revoked' })
    await say(noNetwork)
    await scan(badge)
    await scan(badge)
    expect(bridge.signInByBadge).toHaveBeenCalledOnce()
    expect(heading()).toBe('This badge was taken back')
  })

  test('is not heard where badges do not work, nor once somebody is signed in', async () => {
    await say({ ...noNetwork, offline: { ways: ['pin'] } })
    await scan(badge)
    await say({ ...noNetwork, phase: 'signed_in', person })
    await scan(badge)
    expect(bridge.signInByBadge).not.toHaveBeenCalled()
  })

  test('may be typed, and does not stay in its box', async () => {
    bridge.signInByBadge.mockResolvedValue({ result: 'refused', reason: 'bad_badge' })
    await say(noNetwork)
    await press('Use badge')
    const box = root.querySelector('input') as HTMLInputElement
    box.value = ` ${badge} `
    await act(() => void box.dispatchEvent(new Event('input', { bubbles: true })))
    await act(() => void box.form?.dispatchEvent(new Event('submit', { cancelable: true })))
    expect(bridge.signInByBadge).toHaveBeenCalledWith(badge)
    await pass(0)
    await press('Try again')
    expect(root.querySelector('input')?.value).toBe('')
  })
})

describe('a PIN of one’s own', () => {
  const welcome: Partial<Snapshot> = { phase: 'signed_in', person, offline: { can_enrol: true } }

  test('is offered after a sign-in with DingTalk, and typed twice', async () => {
    bridge.enrol.mockResolvedValueOnce({ result: 'ok' })
    const limits = { offline_until: '2026-11-24T10:00:00Z', uses_left: 12 }
    await say({ ...welcome, person: { ...person, ...limits } })
    await press('Set a PIN for offline days')
    await submit('482915')
    expect(heading()).toBe('Type it once more')
    await submit('482915')
    expect(bridge.enrol).toHaveBeenCalledExactlyOnceWith('482915')
    expect(heading()).toBe('Your PIN is set')
    expect(root.querySelector('.lead')?.textContent).toMatch(/^Good offline until Tue .*, 12 uses left\.$/)
    await press('Done')
    expect(heading()).toContain('张三')
  })

  test('begins again where the two differ', async () => {
    await say(welcome)
    await press('Set a PIN for offline days')
    await submit('482915')
    await submit('482916')
    expect(bridge.enrol).not.toHaveBeenCalled()
    expect(heading()).toBe('Set a PIN for offline days')
    expect(words()).toContain('different')
  })

  test.each([
    ['sequence', 'in a row'],
    ['repeated', 'Repeated'],
    ['own_number', 'phone number'],
    ['date', 'A date'],
    ['too_short', 'Too short'],
  ])('that is weak (%s) is refused in words', async (reason, said) => {
    bridge.enrol.mockResolvedValueOnce({ result: 'refused', reason })
    await say(welcome)
    await press('Set a PIN for offline days')
    await submit('123456')
    await submit('123456')
    expect(words()).toContain(said)
    expect(heading()).toBe('Set a PIN for offline days')
  })

  test('cannot be set later, and says so', async () => {
    bridge.enrol.mockResolvedValueOnce({ result: 'refused', reason: 'not_now' })
    await say(welcome)
    await press('Set a PIN for offline days')
    await submit('482915')
    await submit('482915')
    expect(heading()).toBe('A PIN cannot be set now')
  })

  test('is dropped in two steps', async () => {
    bridge.revoke.mockResolvedValueOnce({ result: 'ok' })
    await say({ ...welcome, offline: { enrolled: ['pin'] } })
    await press('My offline PIN')
    expect(root.textContent).not.toContain('Change the PIN')
    await press('Remove the PIN')
    expect(heading()).toBe('Your PIN is removed')
  })

  test('is not offered where it cannot be set', async () => {
    await say({ ...welcome, offline: {} })
    expect(root.textContent).not.toContain('PIN')
  })
})

describe('the network', () => {
  // pretixscan-android PR 28
  test('says how it is, why, when DingTalk is asked again, and is asked at once', async () => {
    await say(noNetwork)
    const line = root.querySelector('.strip')
    expect(line?.textContent).toContain("DingTalk is out of reach. DingTalk's address cannot be found.")
    expect(line?.textContent).toContain('Next try in 0:20')
    await pass(5_000)
    expect(line?.textContent).toContain('0:15')
    await pass(15_000)
    expect(line?.textContent).toContain('Trying…')
    await press('Try now')
    expect(bridge.retryNetwork).toHaveBeenCalledOnce()
  })

  test.each(['idle', 'waiting', 'expired', 'cancelled'] as const)(
    'that is gone leaves no code on the screen in phase %s, and what works',
    async (phase) => {
      await say({ ...noNetwork, phase })
      expect(root.querySelector('iframe')).toBeNull()
      expect(root.textContent).not.toContain('Sign in with DingTalk')
      expect(heading()).toBe('Sign in without network')
    },
  )

  // authd #929, #374: silence for a new user offline
  test('that is gone where nothing works without it is told, with what to do', async () => {
    await say({ ...noNetwork, offline: {} })
    expect(heading()).toBe('No sign-in just now')
    expect(root.querySelector('.lead')?.textContent).toContain('front desk')
  })

  test('that is back shows the code again', async () => {
    await say({ ...noNetwork, phase: 'waiting' })
    await say({ phase: 'waiting', network: { state: 'online' } })
    expect(root.querySelector('iframe')).not.toBeNull()
    expect(root.querySelector('[role=status]')?.textContent).toContain('Online')
  })

  test('that is unsteady keeps the code, beside the other ways', async () => {
    await say({ network: { state: 'shaky', reason: 'slow' }, offline: { ways: ['pin'] } })
    expect(root.querySelector('iframe')).not.toBeNull()
    await press('Use PIN')
  })

  test('keeps a problem of the person on the screen, without a code that cannot work', async () => {
    await say({ ...noNetwork, phase: 'failed', problem: { code: 'not_member' } })
    expect(heading()).toContain('directory')
    expect(root.textContent).not.toContain('Try again')
    await press('Use badge')
  })
})

describe('what is wrong with the machine', () => {
  test.each([
    [-86_400, '1 day behind'],
    [3_600, '1 hour ahead'],
    [-56 * 31_557_600, '56 years behind'],
    [undefined, 'cannot be trusted'],
  ])('a clock that is off by %s seconds is told, and the code stays', async (off, said) => {
    await say({ clock: { suspended: true, ...(off === undefined ? {} : { off_seconds: off }) } })
    expect(root.querySelector('.strip')?.textContent).toContain(said)
    expect(root.querySelector('.strip')?.textContent).toContain('nothing was deleted')
    expect(root.querySelector('iframe')).not.toBeNull()
  })

  test('a clock that is only off is told, for somebody to set it', async () => {
    await say({ clock: { suspended: false, off_seconds: 10_800 } })
    expect(root.textContent).toContain(
      "This computer's clock is 3 hours ahead Please have an administrator set the clock.",
    )
    expect(root.textContent).not.toContain('paused')
  })

  test('a clock that is off is all there is to say where nothing else works', async () => {
    await say({ ...noNetwork, offline: {}, clock: { suspended: true, off_seconds: -86_400 } })
    expect(heading()).toBe("This computer's clock is 1 day behind")
    expect(root.querySelectorAll('.strip')).toHaveLength(1)
  })

  test('a key that is locked, gone, wrong or nowhere has words of its own', async () => {
    const said = new Set<string>()
    for (const state of ['locked', 'gone', 'wrong', 'unavailable']) {
      await say({ key: { state } })
      said.add(root.querySelector('.strip')?.textContent ?? '')
      expect(root.querySelector('iframe')).not.toBeNull()
    }
    expect(said.size).toBe(4)
  })
})

describe('who is remembered', () => {
  test('is welcome within the limits, which are told', async () => {
    const known = { ...person, source: 'cache' as const, verdict: 'allow' as const, reason: 'refresh_due' }
    await say({ phase: 'idle', person: { ...known, offline_until: '2026-12-24T10:00:00Z', uses_left: 1 } })
    expect(root.textContent).toContain('DingTalk was not asked')
    expect(root.textContent).toContain('To be checked')
    expect(root.textContent).toMatch(/24 Dec.*, 1 use left/)
  })

  test('and may not pass is told why, and is not welcomed', async () => {
    await say({ phase: 'idle', person: { ...person, verdict: 'needs_online', reason: 'too_old' } })
    expect(heading()).toContain('Your offline time is over')
    await press('Sign in with DingTalk')
    expect(bridge.begin).toHaveBeenCalledOnce()
  })
})
