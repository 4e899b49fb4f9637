import type { Locator, Page } from 'playwright-core'
import { goodBadge, goodPin } from '../src/fake/offline.ts'
import { zh } from '../src/text/zh.ts'
import { en } from '../src/text/en.ts'
import { inspect } from './kit/inspect.ts'
import { boxFocused, heading, headingFocused, view } from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'
import type { Visitors } from './kit/visitors.ts'

// What needs no network is shown by a fake core (src/fake): a PIN, a badge, a
// wrong clock and a lost key, in the browser and under the policy of the real one.

interface Rig {
  fake: { origin: string }
  visitors: Visitors
}

/** Opens a scene of src/fake as somebody for whom nothing moves. */
function open({ fake, visitors }: Rig, scene: string, options = {}): Promise<Page> {
  // The stand-in for DingTalk's frame is of our own origin, which DingTalk's is not.
  visitors.expect(/escape its sandboxing/)
  return visitors.open(`${fake.origin}/?fake=${scene}&demo`, { reducedMotion: 'reduce', ...options })
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const press = (page: Page, name: string) => button(page, name).click()

/** Opens the pad of a public screen, as the person with a job number. */
async function openPad(page: Page): Promise<void> {
  await press(page, zh.offline.ways.pin)
  await boxFocused(page)
  await page.keyboard.type('A0327')
  await page.keyboard.press('Enter')
  await heading(page, zh.pin.title)
  await headingFocused(page)
}

async function typePin(page: Page, pin: string): Promise<void> {
  await page.keyboard.type(pin)
  await page.keyboard.press('Enter')
}

/** Every view, and how one gets there. */
const views: Record<string, (rig: Rig) => Promise<Page>> = {
  'no network': (rig) => open(rig, 'offline'),
  'no network and no way': (rig) => open(rig, 'offline_none'),
  'an unsteady network': (rig) => open(rig, 'shaky'),
  'a job number': async (rig) => {
    const page = await open(rig, 'offline')
    await press(page, zh.offline.ways.pin)
    await page.getByRole('textbox').fill('A0327')
    return page
  },
  'a wrong PIN': async (rig) => {
    const page = await open(rig, 'offline')
    await openPad(page)
    await typePin(page, '482915')
    await page.getByText(zh.offline.triesLeft(9)).waitFor()
    await page.keyboard.type('0123456789')
    return page
  },
  'a locked pad': async (rig) => {
    const page = await open(rig, 'offline_locked')
    await openPad(page)
    return page
  },
  'a PIN that is locked for good': async (rig) => {
    const page = await open(rig, 'offline_hard')
    await press(page, zh.offline.ways.pin)
    return page
  },
  'a badge': async (rig) => {
    const page = await open(rig, 'offline')
    await press(page, zh.offline.ways.badge)
    await page.getByText(zh.badge.typed).click()
    return page
  },
  'a badge that is none': async (rig) => {
    const page = await open(rig, 'offline')
    await press(page, zh.offline.ways.badge)
    await page.getByText(zh.badge.typed).click()
    await page.getByRole('textbox').fill('12345')
    await press(page, zh.badge.submit)
    await heading(page, zh.refused['bad_badge']?.title ?? '')
    return page
  },
  'a welcome that offers a PIN': (rig) => open(rig, 'enrol'),
  'a PIN to be set': async (rig) => {
    const page = await open(rig, 'enrol')
    await press(page, zh.welcome.setPin)
    await typePin(page, '123456')
    await typePin(page, '123456')
    await page.getByText(zh.enrol.weak['sequence'] ?? '').waitFor()
    return page
  },
  'a welcome from memory': (rig) => open(rig, 'enrolled'),
  'somebody who may not pass any more': (rig) => open(rig, 'lapsed'),
  'a clock that is behind': (rig) => open(rig, 'suspended'),
  'a clock that is behind, and a code': (rig) => open(rig, 'suspended_online'),
  'a key that is locked': (rig) => open(rig, 'key_locked'),
  'a key that is gone': (rig) => open(rig, 'key_gone'),
  'another key, and a code': (rig) => open(rig, 'key_wrong'),
  'no place for a key': (rig) => open(rig, 'key_unavailable'),
  'a disk that takes nothing': (rig) => open(rig, 'disk_full'),
}

test.for(Object.entries(views))(
  '%s: legible and all there, in both languages',
  async ([name, show], { fake, visitors }) => {
    const page = await show({ fake, visitors })
    await page.locator('h1').waitFor()
    await inspect(page, `${name}, zh-CN`)
    await press(page, zh.otherLanguage)
    await button(page, en.otherLanguage).waitFor()
    await inspect(page, `${name}, en`)
  },
)

describe('a PIN of all ten digits', () => {
  const signedIn = async (page: Page) => {
    await view(page, 'welcome')
    await headingFocused(page)
  }

  test('is typed by mouse', async ({ fake, visitors }) => {
    const page = await open({ fake, visitors }, 'offline')
    await openPad(page)
    for (const digit of goodPin) await press(page, digit)
    await press(page, zh.pin.enter)
    await signedIn(page)
  })

  test('is typed by finger, on the screen alone', async ({ fake, visitors }) => {
    const page = await open({ fake, visitors }, 'offline', { hasTouch: true })
    await button(page, zh.offline.ways.pin).tap()
    for (const key of 'A0327') await button(page, key).tap()
    await button(page, zh.pin.next).tap()
    await heading(page, zh.pin.title) // the keyboard before it has digits, too
    for (const digit of goodPin) await button(page, digit).tap()
    await button(page, zh.pin.enter).tap()
    await signedIn(page)
  })

  test('is typed on the number pad', async ({ fake, visitors }) => {
    const page = await open({ fake, visitors }, 'offline')
    await openPad(page)
    for (const digit of goodPin) await page.keyboard.press(`Numpad${digit}`)
    await page.keyboard.press('NumpadEnter')
    await signedIn(page)
  })

  test('is typed with Tab and Space alone', async ({ fake, visitors }) => {
    const page = await open({ fake, visitors }, 'offline')
    await openPad(page)
    for (const digit of goodPin) {
      await button(page, digit).focus()
      await page.keyboard.press(digit === '0' ? 'Space' : 'Enter')
    }
    await button(page, zh.pin.enter).focus()
    await page.keyboard.press('Enter')
    await signedIn(page)
  })
})

/** Where each key of the pad is, and how large. */
function places(pad: Locator): Promise<string[]> {
  return pad.locator('button').evaluateAll((keys) =>
    keys.map((key) => {
      const { x, y, width, height } = key.getBoundingClientRect()
      return `${key.getAttribute('data-key') ?? ''} ${x} ${y} ${width} ${height}`
    }),
  )
}

test.for([
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
  { width: 800, height: 600 },
])(
  'no key moves or is too small for a finger at $width × $height, whatever is typed',
  async (size, { fake, visitors }) => {
    const page = await open({ fake, visitors }, 'offline')
    await page.setViewportSize(size)
    await openPad(page)
    const pad = page.locator('.pad')
    const first = await places(pad)
    for (const place of first) expect(Math.min(...place.split(' ').slice(3).map(Number))).toBeGreaterThan(44)
    for (const digit of '1234567890123456') {
      await page.keyboard.press(digit)
      expect(await places(pad)).toEqual(first)
    }
    for (const left of [9, 8, 7]) {
      await press(page, zh.pin.clear)
      await typePin(page, '482915')
      await page.getByText(zh.offline.triesLeft(left)).waitFor()
      expect(await places(pad)).toEqual(first)
    }
    await page.locator('.entry-wait').waitFor()
  },
)

// freekiosk #211
test('another size, scheme or language keeps what was typed, and never shows it', async ({
  fake,
  visitors,
}) => {
  const page = await open({ fake, visitors }, 'offline')
  await openPad(page)
  await page.keyboard.type('482915')
  await page.setViewportSize({ width: 800, height: 600 })
  await page.emulateMedia({ colorScheme: 'dark' })
  await press(page, zh.otherLanguage)
  await page.getByRole('img', { name: en.pin.typed(6) }).waitFor()
  expect(await page.content()).not.toContain('482915')
  const kept = await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))
  expect(kept).not.toContain('482915')
})

/** A scanner types: real keys of the browser, 10 ms apart by the clock of the events. */
async function scan(page: Page, text: string): Promise<void> {
  const devices = await page.context().newCDPSession(page)
  const begin = Date.now() / 1000
  for (const [place, key] of [...Array.from(text), 'Enter'].entries()) {
    const code = key === 'Enter' ? key : `Digit${key}`
    const timestamp = begin + place / 100
    const typed = key === 'Enter' ? '\r' : key
    await devices.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, text: typed, timestamp })
    await devices.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, timestamp })
  }
  await devices.detach()
}

test.for(['offline', 'online'])(
  'a badge signs in at the scene %s, whatever has the focus',
  async (scene, { fake, visitors }) => {
    const page = await open({ fake, visitors }, scene)
    await page.locator('h1').waitFor()
    await button(page, zh.otherLanguage).focus()
    await scan(page, goodBadge)
    await view(page, 'welcome')
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  },
)

test('a badge signs in where a job number was about to be typed', async ({ fake, visitors }) => {
  const page = await open({ fake, visitors }, 'offline')
  await press(page, zh.offline.ways.pin)
  await boxFocused(page)
  await scan(page, goodBadge)
  await view(page, 'welcome')
})

test('what was typed goes with who typed it', async ({ fake, visitors }) => {
  const page = await open({ fake, visitors }, 'offline')
  await page.clock.install()
  await openPad(page)
  await page.keyboard.type('4829')
  await page.clock.fastForward(11_000)
  await button(page, zh.offline.stay).waitFor()
  await press(page, zh.offline.stay)
  await page.clock.fastForward(5_000)
  await page.getByRole('img', { name: zh.pin.typed(4) }).waitFor()
  await page.clock.fastForward(31_000)
  await heading(page, zh.offline.title)
})
