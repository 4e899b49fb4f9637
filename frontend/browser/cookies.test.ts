import type { Page } from 'playwright-core'
import { zh } from '../src/text/zh.ts'
import type { Core } from './kit/core.ts'
import {
  askNewCode,
  codeInFrame,
  codeOnPage,
  frame,
  heading,
  newestCodeInFrame,
  read,
  snapshot,
  view,
} from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'
import { launch, Visitors } from './kit/visitors.ts'

// electron #19825, tdesktop #30889, vue-wxlogin #11: a frame of another site
// that gets no cookies shows its code, and nothing happens after the scan.

/** Confirms in the frame and waits until DingTalk's page has asked once more, in vain. */
async function scanInVain(page: Page, confirm: (scan: string) => Promise<void>): Promise<void> {
  const watch = await read(frame(page).locator('main'), 'data-watch')
  await confirm(await codeInFrame(page))
  const deaf = await frame(page)
    .locator('main')
    .evaluate(
      async (_, path) => (await fetch(`${path}?wait=0&seen=scanned`)).json() as Promise<unknown>,
      watch,
    )
  expect(deaf).toEqual({ stage: 'waiting' })
  expect(await snapshot(page)).toMatchObject({ phase: 'waiting', embed: 'frame' })
}

describe('where DingTalk’s frame gets no cookies', () => {
  test('the full page is on offer and works', async ({ dingtalk, machine, visitors }) => {
    await dingtalk.set({ frame_needs_cookie: true })
    const page = await visitors.open((await machine.app()).link)
    await scanInVain(page, (scan) => dingtalk.confirm(scan, 'zhang01'))

    await page.getByRole('button', { name: zh.waiting.fullPage }).click()
    await dingtalk.confirm(await codeOnPage(page), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
    expect(await snapshot(page)).toMatchObject({ embed: 'page' })
  })

  test('auto goes to the full page after a code was tried in vain, and remembers it', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    await dingtalk.set({ frame_needs_cookie: true })
    const first = await machine.app({ embed: 'auto' })
    const page = await (await visitors.arrive()).newPage()
    await page.clock.install()
    await page.goto(first.link)
    await scanInVain(page, (scan) => dingtalk.confirm(scan, 'zhang01'))

    // The phone says «done», and for a while nothing happens here.
    await page.clock.fastForward(30_000)
    await page.getByRole('button', { name: zh.waiting.newCode }).click()
    await dingtalk.confirm(await codeOnPage(page), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
    await signOutAndStop(page, first)

    const later = await visitors.open((await machine.app({ embed: 'auto' })).link)
    await dingtalk.confirm(await codeOnPage(later), 'zhang01')
    await heading(later, `${zh.welcome.greeting} 张三`)
  })

  test('it is the browser’s doing: a frame of our own site gets its cookie', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    await dingtalk.set({ frame_needs_cookie: true })
    const { link } = await machine.app({ env: { DINGPASS_LOGIN_URL: dingtalk.url } })
    const page = await visitors.open(link)
    await dingtalk.confirm(await codeInFrame(page), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
  })
})

test('auto stays with a frame that nobody has tried', async ({ dingtalk, machine, visitors }) => {
  const page = await visitors.open((await machine.app({ embed: 'auto' })).link)
  await codeInFrame(page)
  const { attempt } = await snapshot(page)
  await askNewCode(page)
  await dingtalk.confirm(await newestCodeInFrame(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
  const now = await snapshot(page)
  expect(now.embed).toBe('frame')
  expect(now.attempt).not.toBe(attempt)
})

test('auto trusts a frame that has worked here before', async ({ dingtalk, machine, visitors }) => {
  const first = await machine.app({ embed: 'auto' })
  const page = await visitors.open(first.link)
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await view(page, 'welcome')
  await signOutAndStop(page, first)

  const later = await visitors.open((await machine.app({ embed: 'auto' })).link)
  await codeInFrame(later)
  // Once is a walk-away; twice is a frame that has stopped working.
  await touchFrame(later)
  await askNewCode(later)
  await newestCodeInFrame(later)
  await touchFrame(later)
  await later.getByRole('button', { name: zh.waiting.newCode }).click()
  await codeOnPage(later)
})

test('frame and page sign in where third-party cookies are switched off', async ({ dingtalk, machine }) => {
  const strict = await launch('--test-third-party-cookie-phaseout')
  const visitors = new Visitors(strict)
  try {
    const framed = await machine.app()
    const page = await visitors.open(framed.link)
    await dingtalk.confirm(await codeInFrame(page), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
    await signOutAndStop(page, framed)

    const whole = await visitors.open((await machine.app({ embed: 'page' })).link)
    await dingtalk.confirm(await codeOnPage(whole), 'li02')
    await heading(whole, `${zh.welcome.greeting} 李思`)
    expect(visitors.complaints).toEqual([])
  } finally {
    await strict.close()
  }
})

/** Touches DingTalk's frame, as people do when nothing happens. */
async function touchFrame(page: Page): Promise<void> {
  const box = await page.locator('iframe').boundingBox()
  if (!box) throw new Error('no frame')
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 3)
  await page.waitForFunction(() => document.activeElement instanceof HTMLIFrameElement)
}

async function signOutAndStop(page: Page, { program }: Core): Promise<void> {
  await page.getByRole('button', { name: zh.signOut }).click()
  await view(page, 'idle')
  await page.context().close()
  await program.stop()
}
