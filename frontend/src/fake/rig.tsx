import rawConsole from 'node:console'
import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, vi } from 'vitest'
import { App } from '../app.tsx'
import type { Bridge, Known } from '../core/bridge.ts'
import type { Person, Snapshot } from '../core/snapshot.ts'
import { live } from './sample.ts'

// What tests of the whole interface stand on: the real views, a core whose every
// word is the test's, and a clock that stands still.

/** Somebody who is known here. */
export const person: Person = { name: '张三', source: 'online', verified_at: '2026-11-21T12:00:00Z' }

/** What the core says where DingTalk is out of reach and both other ways work. */
export const noNetwork: Partial<Snapshot> = {
  phase: 'idle',
  network: { state: 'offline', reason: 'dns', next_try_at: '2026-11-21T12:01:20Z' },
  offline: { ways: ['pin', 'badge'] },
}

let tell: (known: Known) => void

/** Where the interface is shown. */
export let root = document.createElement('div')

/** The core: it says what `say` says, and remembers what it was asked. */
export const bridge = {
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

/** Sets the interface up before each test of a file, and takes it down after. */
export function stage(): void {
  beforeEach(async () => {
    vi.useFakeTimers()
    vi.resetAllMocks()
    window.sessionStorage.clear()
    // happy-dom says there of each frame that it does not load it; tests write to the other console.
    vi.spyOn(rawConsole, 'error').mockReturnValue()
    await open()
  })
  afterEach(() => {
    close()
    vi.useRealTimers()
  })
}

function close(): void {
  render(null, root)
  root.remove()
}

/** Shows the interface, or shows it anew, as another window would. */
export async function open(): Promise<void> {
  close()
  root = document.createElement('div')
  document.body.append(root)
  await act(() => render(<App bridge={bridge} />, root))
}

/** Shows what the core would say now. */
export function say(change: Partial<Snapshot> = {}): Promise<void> {
  return hear({ ...live(change), receivedAt: performance.now() })
}

/** Has all that is known be this. */
export function hear(known: Known): Promise<void> {
  return act(() => tell(known))
}

/** Lets time pass, in milliseconds. */
export function pass(time: number): Promise<void> {
  return act(() => void vi.advanceTimersByTime(time))
}

export function heading(): string {
  return root.querySelector('h1')?.textContent ?? ''
}

/** What is said of something that went wrong. */
export function words(): string {
  return root.querySelector('[role=alert]')?.textContent ?? ''
}

/** Presses the button that is called so, or whose words hold it, with everything that a real press brings. */
export async function press(label: string): Promise<void> {
  const all = [...root.querySelectorAll('button')]
  const button =
    all.find((one) => one.getAttribute('aria-label') === label || one.textContent === label) ??
    all.find((one) => one.textContent.includes(label))
  if (!button) throw new Error(`no button ${label} among ${all.map((one) => one.textContent).join()}`)
  const happens = (type: string) => button.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }))
  await act(() => {
    for (const type of ['pointerdown', 'touchstart', 'touchend', 'pointerup']) happens(type)
    if (happens('mousedown')) button.focus() // a page may keep the focus where it is
    button.click()
  })
}

/** Presses a key, wherever the keyboard is. */
export function key(name: string, code = '', more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body
  const event = new KeyboardEvent('keydown', { key: name, code, bubbles: true, cancelable: true, ...more })
  return act(() => void target.dispatchEvent(event))
}

export async function keys(text: string): Promise<void> {
  for (const one of text) await key(one, `Digit${one}`)
}

/** Types a PIN, and Enter. */
export async function submit(pin: string): Promise<void> {
  await keys(pin)
  await key('Enter', 'Enter')
}

/** Opens the pad on a personal device, which knows whose PIN it is. */
export async function openPad(change: Partial<Snapshot> = {}): Promise<void> {
  await say({ ...noNetwork, phase: 'waiting', person, ...change })
  await press('Use PIN')
}
