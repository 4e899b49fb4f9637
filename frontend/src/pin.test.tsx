import { act } from 'preact/test-utils'
import { describe, expect, test, vi } from 'vitest'
import type { Answer } from './core/bridge.ts'
import {
  bridge,
  heading,
  key,
  keys,
  noNetwork,
  openPad,
  pass,
  person,
  press,
  root,
  say,
  stage,
  submit,
  words,
} from './fake/rig.tsx'

const allTen = '1029384756'

function dots(): number {
  return root.querySelectorAll('.dot-filled').length
}

/** Answers the PIN as the core would. */
function judge(answer: Answer | null): void {
  bridge.signInByPin.mockResolvedValueOnce(answer)
}

stage()

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

  test('looks ready once there are enough digits; before that it says what is missing', async () => {
    await openPad()
    const ready = () => root.querySelector('.pad-enter')?.getAttribute('aria-disabled') === 'false'
    await keys('48291')
    expect(ready()).toBe(false)
    await press('Sign in')
    expect(words()).toBe('6 digits or more')
    await keys('5')
    expect(ready()).toBe(true)
    await key('Backspace')
    expect(ready()).toBe(false)
    expect(bridge.signInByPin).not.toHaveBeenCalled()
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
