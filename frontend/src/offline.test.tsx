import { act } from 'preact/test-utils'
import { describe, expect, test, vi } from 'vitest'
import type { Snapshot } from './core/snapshot.ts'
import {
  bridge,
  heading,
  key,
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

const badge = '34641' + '072'.repeat(21)

stage()

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

  test.each([
    ['network', true, 'a new code', 1],
    ['provider_unavailable', true, 'a new code', 1],
    ['network', false, 'nothing, for a caller that asked once', 0],
    ['not_member', true, 'nothing, for a person with a problem of their own', 0],
  ])(
    'that is back after a failure with %s brings, with can_retry %s, %s',
    async (code, canRetry, _, asked) => {
      const failed: Partial<Snapshot> = { phase: 'failed', problem: { code }, can_retry: canRetry }
      bridge.begin.mockResolvedValue()
      await say({ ...noNetwork, ...failed })
      expect(bridge.begin).not.toHaveBeenCalled()
      await say({ ...failed, network: { state: 'online' } })
      await say({ ...failed, network: { state: 'online' } }) // said twice, asked once
      expect(bridge.begin).toHaveBeenCalledTimes(asked)
    },
  )

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
