import type { Page } from 'playwright-core'
import { zh } from '../src/text/zh.ts'
import type { Core } from './kit/core.ts'
import type { DingTalk } from './kit/dingtalk.ts'
import { codeInFrame, codeOnPage, frame, heading, read, snapshot, view } from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'
import type { Visitors } from './kit/visitors.ts'

/** Somebody at the screen with the code up, and a second tab of the same browser on another page. */
async function besideOurs(
  core: Core,
  visitors: Visitors,
  address: string,
): Promise<{ ours: Page; other: Page }> {
  const ours = await visitors.open(core.link)
  await codeInFrame(ours)
  const other = await ours.context().newPage()
  await other.goto(address)
  return { ours, other }
}

/** The sign-in goes on as if nothing had happened. */
async function unharmed(page: Page, attempt: string, dingtalk: DingTalk): Promise<void> {
  expect(await snapshot(page)).toMatchObject({ phase: 'waiting', attempt })
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
}

describe.each(['sameSite', 'otherSite'] as const)('a page of another origin (%s)', (site) => {
  test('cannot read anything of ours', async ({ elsewhere, machine, visitors }) => {
    visitors.expect(/./)
    const core = await machine.app()
    const { other } = await besideOurs(core, visitors, (await elsewhere(''))[site])
    const got = await other.evaluate(async (origin) => {
      const attempts = ['/', '/api/snapshot', '/api/events', '/login/start?frame=1', '/assets/']
      const read = async (path: string) => {
        const answer = await fetch(origin + path, { credentials: 'include' })
        return answer.text()
      }
      const script = new Promise((resolve) => {
        const element = document.createElement('script')
        element.src = `${origin}/api/snapshot`
        element.onload = () => resolve('read')
        element.onerror = () => resolve('refused')
        document.head.append(element)
      })
      const events = new Promise((resolve) => {
        const source = new EventSource(`${origin}/api/events`, { withCredentials: true })
        source.onmessage = () => resolve('read')
        source.onerror = () => resolve('refused')
      })
      const fetched = attempts.map((path) =>
        read(path).then(
          () => 'read',
          () => 'refused',
        ),
      )
      return Promise.all([...fetched, script, events])
    }, core.origin)
    expect(new Set(got)).toEqual(new Set(['refused']))
  })

  test('cannot begin, cancel or sign out', async ({ dingtalk, elsewhere, machine, visitors }) => {
    visitors.expect(/./)
    const core = await machine.app()
    const { ours, other } = await besideOurs(core, visitors, (await elsewhere(''))[site])
    const { attempt } = await snapshot(ours)
    await other.evaluate(async (origin) => {
      for (const path of ['/api/login', '/api/login/cancel', '/api/logout']) {
        const send = (init: RequestInit) =>
          fetch(origin + path, { method: 'POST', credentials: 'include', ...init }).catch(() => undefined)
        await send({ mode: 'no-cors', body: '{}' })
        await send({ headers: { 'Content-Type': 'application/json' }, body: '{}' })
      }
    }, core.origin)
    // A form needs nobody's permission, and navigates.
    await other.evaluate((origin) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = `${origin}/api/login/cancel`
      document.body.append(form)
      form.submit()
    }, core.origin)
    await other.getByText('There is nothing to see here.').waitFor()
    await unharmed(ours, attempt, dingtalk)
  })

  test('cannot frame ours', async ({ elsewhere, machine, visitors }) => {
    visitors.expect(/./)
    const core = await machine.app()
    const { origin } = core
    const html = ['/', '/login/start', '/callback', '/open/x'].map(
      (path) => `<iframe src="${origin}${path}">
</iframe>`,
    )
    const { other } = await besideOurs(core, visitors, (await elsewhere(html.join('')))[site])
    const frames = other.frames().filter((shown) => shown !== other.mainFrame())
    expect(frames).toHaveLength(4)
    for (const shown of frames) {
      await expect.poll(() => shown.url()).toMatch(/^chrome-error:/)
    }
  })

  // EasyPubMed #38, MaxKB PR #4526
  test('is not believed when it posts what DingTalk would', async ({
    dingtalk,
    elsewhere,
    machine,
    visitors,
  }) => {
    const core = await machine.app()
    const { ours, other } = await besideOurs(core, visitors, (await elsewhere(''))[site])
    const { attempt } = await snapshot(ours)
    const opening = other.context().waitForEvent('page')
    await other.evaluate((origin) => {
      const target = window.open(`${origin}/`)
      const forged = { success: true, redirectUrl: `${origin}/callback?authCode=c&code=c&state=s` }
      window.setInterval(() => target?.postMessage(forged, '*'), 10)
    }, core.origin)
    const opened = await opening
    const callbacks: string[] = []
    opened.on('request', (request) => callbacks.push(new URL(request.url()).pathname))
    await view(opened, 'waiting')
    await opened.evaluate(
      () => new Promise((resolve) => window.addEventListener('message', resolve, { once: true })),
    )
    expect(callbacks).not.toContain('/callback')
    await unharmed(ours, attempt, dingtalk)
  })
})

test('a message that is not from DingTalk’s frame is not believed', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  const core = await machine.app()
  const page = await visitors.open(core.link)
  await codeInFrame(page)
  const { attempt } = await snapshot(page)
  const callbacks: string[] = []
  page.on('request', (request) => {
    if (!request.url().includes('/api/')) callbacks.push(request.url())
  })
  const forged = { success: true, redirectUrl: `${core.origin}/callback?authCode=c&code=c&state=s` }

  // Our own window, and a frame inside DingTalk's: right origin, wrong window.
  await page.evaluate((data) => window.postMessage(data, '*'), forged)
  await frame(page)
    .locator('.simulate')
    .evaluate((link: HTMLElement) => link.click())
  const inner = frame(page).frameLocator('iframe').locator('body')
  await inner.evaluate((_, data) => window.top?.postMessage(data, '*'), forged)
  // DingTalk's frame itself, with addresses that are not ours.
  await frame(page)
    .locator('main')
    .evaluate((_, origin) => {
      const port = Number(new URL(origin).port)
      for (const redirectUrl of [
        'https://evil.example/callback?code=c&state=s',
        `http://127.0.0.1:${port === 9 ? 7 : 9}/callback?code=c&state=s`,
        `${origin}@evil.example/callback?code=c&state=s`,
        'javascript:alert(1)',
        '/callback?code=c&state=s',
        null,
      ]) {
        window.parent.postMessage({ success: true, redirectUrl }, '*')
      }
      for (const data of ['loginTmpCode', null, [], { success: 'true' }]) window.parent.postMessage(data, '*')
    }, core.origin)
  // Messages arrive in order: after this one, all have.
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        window.addEventListener('message', resolve, { once: true })
        window.postMessage('last', '*')
      }),
  )
  expect(callbacks.filter((address) => !address.startsWith(dingtalk.loginURL))).toEqual([])
  await unharmed(page, attempt, dingtalk)
})

// streamlit PR #15589
test('a page that prefetches the launch link does not use it up', async ({
  elsewhere,
  machine,
  visitors,
}) => {
  visitors.expect(/ERR_BLOCKED_BY_RESPONSE/)
  const { link } = await machine.app()
  await prefetch(
    visitors,
    await elsewhere(`<link rel="prefetch" href="${link}">`).then((page) => page.sameSite),
  )
  await view(await visitors.open(link), 'waiting')
})

test('a page that prefetches DingTalk’s redirect does not spend the code', async ({
  dingtalk,
  elsewhere,
  machine,
  visitors,
}) => {
  visitors.expect(/ERR_BLOCKED_BY_RESPONSE|status of 403/)
  const page = await visitors.open((await machine.app({ embed: 'page' })).link)
  const scan = await codeOnPage(page)
  const proceed = await read(page.locator('main'), 'data-continue')
  // Held up on its way, as by a page that shows links before one follows them.
  await page.route('**/callback?**', (route) => route.abort())
  await page.goBack()
  await view(page, 'waiting')
  await dingtalk.confirm(scan, 'zhang01')
  const answer = await fetch(new URL(proceed, dingtalk.url), { redirect: 'manual' })
  const redirect = answer.headers.get('location') ?? ''
  expect(redirect).toContain('authCode=')

  const address = (await elsewhere(`<link rel="prefetch" href="${redirect}">`)).sameSite
  await prefetch(visitors, address)
  expect(await snapshot(page)).toMatchObject({ phase: 'waiting' })

  await (await visitors.arrive()).newPage().then((other) => other.goto(redirect))
  await heading(page, `${zh.welcome.greeting} 张三`)
})

/** Opens a page that prefetches an address of ours, and waits until that is over. */
async function prefetch(visitors: Visitors, address: string): Promise<void> {
  const page = await (await visitors.arrive()).newPage()
  // We have answered, and the browser keeps the answer from the page.
  const refused = page.waitForEvent('requestfailed')
  await page.goto(address)
  const request = await refused
  expect(request.failure()?.errorText).toContain('ERR_BLOCKED_BY_RESPONSE')
  expect((await request.allHeaders())['sec-purpose']).toContain('prefetch')
}

// django-bolt #307, cli/cli PR #650
describe('a browser that insists on https', () => {
  test('is told about by a hint on our page', async ({ machine, visitors }) => {
    const core = await machine.app()
    const page = await visitors.open(core.link)
    await codeInFrame(page)
    const other = await page.context().newPage()
    await expect(other.goto(core.origin.replace('http:', 'https:'))).rejects.toThrow('ERR_SSL')
    await page.getByText(zh.hints['https_used'] ?? '').waitFor()
  })

  test('can be helped by pasting its address', async ({ dingtalk, machine, visitors }) => {
    const core = await machine.app({ embed: 'browser' })
    const page = await visitors.open(core.link)
    await heading(page, zh.waiting.browserTitle)
    const abroad = await visitors.arrive()
    const browser = await abroad.newPage()
    await browser.goto(await authorizeURL(page))
    const scan = await read(browser.locator('main'), 'data-scan')
    const proceed = await read(browser.locator('main'), 'data-continue')
    await browser.close()
    await dingtalk.confirm(scan, 'zhang01')
    const answer = await fetch(new URL(proceed, dingtalk.url), { redirect: 'manual' })
    const broken = (answer.headers.get('location') ?? '').replace('http:', 'https:')

    await page.getByText(zh.paste.summary).click()
    const box = page.getByRole('textbox', { name: zh.paste.label })
    await box.fill('https://evil.example/callback?code=c&state=s')
    await page.getByRole('button', { name: zh.paste.submit }).click()
    await page.getByRole('alert').getByText(zh.paste.wrong).waitFor()

    await box.fill(broken)
    await page.keyboard.press('Enter')
    await heading(page, `${zh.welcome.greeting} 张三`)
    expect(new URL(page.url()).search).not.toContain('code')
  })
})

test('in browser mode the code can be had on this page, too', async ({ dingtalk, machine, visitors }) => {
  const page = await visitors.open((await machine.app({ embed: 'browser' })).link)
  await page.getByRole('button', { name: zh.waiting.browserButton }).click()
  await dingtalk.confirm(await codeOnPage(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})

/** Where the core would send the system browser. */
async function authorizeURL(page: Page): Promise<string> {
  const start = new URL('/login/start', page.url()).href
  const answer = await page.context().request.get(start, { maxRedirects: 0 })
  return answer.headers()['location'] ?? ''
}
