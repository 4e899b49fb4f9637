import type { Page } from 'playwright-core'
import { problemWords } from '../src/text/texts.ts'
import { zh } from '../src/text/zh.ts'
import { lastEvent } from './kit/core.ts'
import {
  askNewCode,
  code,
  codeInFrame,
  codeOnPage,
  frame,
  heading,
  missCore,
  newestCodeInFrame,
  read,
  snapshot,
  view,
} from './kit/screen.ts'
import { expect, test } from './kit/test.ts'

const newCode = (page: Page) => page.getByRole('button', { name: zh.waiting.newCode })

/** What DingTalk would tell the page that shows this code: the address with the one-time code. */
async function lateAnswer(watch: string, login: string): Promise<string> {
  const answer = await fetch(new URL(`${watch}?seen=scanned&wait=20`, login))
  return ((await answer.json()) as { redirectUrl: string }).redirectUrl
}

// authd #1766: the screen shows one code, and the program waits for another.
test('after a new code only the new one signs in', async ({ dingtalk, machine, visitors }) => {
  visitors.expect(/status of 400/)
  const { link } = await machine.app()
  const page = await visitors.open(link)
  const old = await codeInFrame(page)
  const watch = await read(frame(page).locator('main'), 'data-watch')
  const { attempt } = await snapshot(page)

  await askNewCode(page)
  const fresh = await newestCodeInFrame(page)
  expect((await snapshot(page)).attempt).not.toBe(attempt)

  // Somebody confirms what they photographed before.
  await dingtalk.confirm(old, 'li02')
  const late = await lateAnswer(watch, dingtalk.loginURL)
  expect(new URL(late).searchParams.get('state')).not.toBeNull()
  expect(await page.evaluate(async (url) => (await fetch(url, { redirect: 'manual' })).status, late)).toBe(
    400,
  )
  const other = await page.context().newPage()
  expect((await other.goto(late))?.status()).toBe(400)
  await other.close()
  expect(await snapshot(page)).toMatchObject({ phase: 'waiting' })

  await dingtalk.confirm(fresh, 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})

// authd #1537, #1901: the code was used after it was gone, and the screen froze.
test('fifty quick clicks leave one attempt and a page that lives', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  const page = await visitors.open((await machine.app()).link)
  await view(page, 'waiting')
  let asked = 0
  page.on('request', (request) => {
    if (request.url().endsWith('/api/login')) asked++
  })

  // Half of them faster than any answer, half as fast as a mouse can.
  await newCode(page).evaluate((button: HTMLButtonElement) => {
    for (let i = 0; i < 25; i++) button.click()
  })
  for (let i = 0; i < 25; i++) await newCode(page).click()
  await newCode(page).click({ trial: true }) // it takes no click before the last one was answered
  expect(asked).toBeLessThanOrEqual(26)

  expect(await page.locator('iframe').count()).toBe(1)
  await dingtalk.confirm(await newestCodeInFrame(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})

test('fifty codes asked for at once leave one attempt', async ({ dingtalk, machine, visitors }) => {
  const page = await visitors.open((await machine.app()).link)
  await codeInFrame(page)
  const statuses = await page.evaluate(() => {
    const ask = () => fetch('/api/login', { method: 'POST', body: '{}' })
    return Promise.all(Array.from({ length: 50 }, async () => (await ask()).status))
  })
  expect(new Set(statuses)).toEqual(new Set([202]))
  await dingtalk.confirm(await newestCodeInFrame(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})

test('a sign-in is cancelled and begun again', async ({ dingtalk, machine, visitors }) => {
  const page = await visitors.open((await machine.app()).link)
  await codeInFrame(page)
  await page.getByRole('button', { name: zh.cancel }).click()
  await heading(page, problemWords('zh-CN', 'cancelled').title)
  expect(await page.locator('iframe').count()).toBe(0)

  await page.getByRole('button', { name: zh.problem.again }).click()
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})

test('a cancelled «login» tells its caller', async ({ machine, visitors }) => {
  visitors.expect(/net::ERR_/)
  const { link, program } = await machine.login()
  const page = await visitors.open(link)
  await codeInFrame(page)
  await page.getByRole('button', { name: zh.cancel }).click()
  await heading(page, problemWords('zh-CN', 'cancelled').title)
  expect(await lastEvent(program)).toMatchObject({ event: 'failed', code: 'cancelled' })
  expect(await program.exit).toBe(4)
})

test('whoever comes back from DingTalk’s page can cancel there, too', async ({ machine, visitors }) => {
  const page = await visitors.open((await machine.app({ embed: 'page' })).link)
  await codeOnPage(page)
  await page.goBack()
  await heading(page, zh.waiting.pageTitle)
  await page.getByRole('button', { name: zh.cancel }).click()
  await heading(page, problemWords('zh-CN', 'cancelled').title)
})

// electronic-wechat #117: a code that expires with nobody there.
test.for(['frame', 'page'] as const)(
  'a code that nobody scans expires, in %s mode',
  async (embed, { machine, visitors }) => {
    visitors.expect(/net::ERR_/)
    // From its start on; the code has to be seen before.
    const { link, program } = await machine.login({ embed, args: ['--timeout', '20s'] })
    const page = await visitors.open(link)
    await code(page, embed)
    if (embed === 'page') await page.goBack()
    await view(page, 'waiting')
    await page.clock.install()

    const { title, next } = problemWords('zh-CN', 'expired')
    await heading(page, title)
    await page.getByText(next).waitFor()
    expect(await lastEvent(program)).toMatchObject({ event: 'failed', code: 'expired' })
    expect(await program.exit).toBe(4)
    await missCore(page)
    await heading(page, title)
  },
)

test('the time left is shown, and told to a screen reader now and then', async ({ machine, visitors }) => {
  const { link } = await machine.app()
  const context = await visitors.arrive()
  const page = await context.newPage()
  await page.clock.install()
  // Whatever the core tells puts the countdown right: it tells nothing but what is in the page.
  await page.route('**/api/*', () => undefined)
  await page.goto(link)
  const countdown = page.getByRole('main').getByRole('timer')
  const spoken = page.getByRole('status')
  expect(await countdown.innerText()).toMatch(/[45]:\d\d/)
  expect(await spoken.innerText()).toBe('')

  await page.clock.fastForward('04:02')
  await spoken.getByText(zh.waiting.leftSpoken(60)).waitFor()
  await countdown.getByText(/^0:\d\d$/).waitFor()
  await page.clock.fastForward('00:45')
  await spoken.getByText(zh.waiting.leftSpoken(15)).waitFor()
  await countdown.getByText(/^0:\d\d$/).waitFor()
  await page.clock.fastForward('01:00')
  await countdown.getByText(zh.waiting.over).waitFor()

  // Asked again, the core's clock puts it right: it has hardly moved.
  await page.reload()
  await countdown.getByText(/^[45]:\d\d$/).waitFor()
})
