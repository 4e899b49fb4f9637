import type { BrowserContextOptions, Page } from 'playwright-core'
import { en } from '../src/text/en.ts'
import { zh } from '../src/text/zh.ts'
import type { CoreOptions, Machine } from './kit/core.ts'
import type { DingTalk } from './kit/dingtalk.ts'
import { inspect } from './kit/inspect.ts'
import { codeInFrame, codeOnPage, view } from './kit/screen.ts'
import { test } from './kit/test.ts'
import type { Visitors } from './kit/visitors.ts'

interface Rig {
  dingtalk: DingTalk
  machine: Machine
  visitors: Visitors
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).click()

/** Somebody for whom nothing moves: what moves cannot be measured. */
const still: BrowserContextOptions = { reducedMotion: 'reduce' }

/** Opens the app as somebody for whom nothing moves. */
async function open({ machine, visitors }: Rig, options: CoreOptions = {}): Promise<Page> {
  const { link } = await machine.app(options)
  return visitors.open(link, still)
}

async function signedIn(rig: Rig, userid: string): Promise<Page> {
  const page = await open(rig)
  await rig.dingtalk.confirm(await codeInFrame(page), userid)
  await view(page, 'welcome')
  return page
}

/** Has a browser speak TLS to our port: the page then shows what to do about it. */
async function insistOnHTTPS(page: Page): Promise<void> {
  const elsewhere = await page.context().newPage()
  await elsewhere.goto(page.url().replace('http:', 'https:')).catch(() => undefined)
  await elsewhere.close()
  await page.getByText(zh.hints['https_used'] ?? '').waitFor()
}

/** Every view, and how one gets there. */
const views: Record<string, (rig: Rig) => Promise<Page>> = {
  'nobody signed in': async (rig) => {
    const page = await signedIn(rig, 'zhang01')
    await press(page, zh.signOut)
    await view(page, 'idle')
    return page
  },
  'the code in a frame': async (rig) => {
    const page = await open(rig)
    await codeInFrame(page)
    return page
  },
  'a frame that gave up': async (rig) => {
    await rig.dingtalk.set({ refusal: 'message' })
    const page = await open(rig)
    await rig.dingtalk.refuse(await codeInFrame(page))
    await page.getByRole('alert').waitFor()
    return page
  },
  'the code in a frame, and a hint': async (rig) => {
    const page = await open(rig)
    await insistOnHTTPS(page)
    return page
  },
  'a frame that gave up, and a hint': async (rig) => {
    await rig.dingtalk.set({ refusal: 'message' })
    const page = await open(rig)
    await rig.dingtalk.refuse(await codeInFrame(page))
    await page.getByRole('alert').waitFor()
    await insistOnHTTPS(page)
    return page
  },
  'back from DingTalk’s page': async (rig) => {
    const page = await open(rig, { embed: 'page' })
    await codeOnPage(page)
    await page.goBack()
    await view(page, 'waiting')
    return page
  },
  'the code in the system browser': async (rig) => {
    const page = await open(rig, { embed: 'browser' })
    await page.getByText(zh.paste.summary).click()
    await page.getByRole('textbox').fill('that')
    await press(page, zh.paste.submit)
    await page.getByRole('alert').waitFor()
    return page
  },
  'at work': async (rig) => {
    await rig.dingtalk.fault('/v1.0/oauth2/userAccessToken', { kind: 'hang' })
    const page = await open(rig)
    await rig.dingtalk.confirm(await codeInFrame(page), 'zhang01')
    await view(page, 'working')
    return page
  },
  'an employee': (rig) => signedIn(rig, 'zhang01'),
  'a long name': (rig) => signedIn(rig, 'aygul10'),
  'a name from memory': async (rig) => {
    const first = await rig.machine.app()
    const page = await rig.visitors.open(first.link)
    await rig.dingtalk.confirm(await codeInFrame(page), 'zhang01')
    await view(page, 'welcome')
    await page.context().close()
    await first.program.stop()
    const later = await open(rig)
    await view(later, 'welcome')
    return later
  },
  'a missing permission': async (rig) => {
    await rig.dingtalk.set({ permissions: [] })
    const page = await open(rig)
    await rig.dingtalk.confirm(await codeInFrame(page), 'zhang01')
    await (await view(page, 'problem')).getByText(zh.problem.detail).click()
    return page
  },
  'a wrong secret': async (rig) => {
    const core = await rig.machine.app({ env: { DINGPASS_CLIENT_SECRET: 'wrong' } })
    await core.over()
    const page = await rig.visitors.open(core.link, still)
    await view(page, 'problem')
    return page
  },
  'a cancelled sign-in': async (rig) => {
    const page = await open(rig)
    await codeInFrame(page)
    await press(page, zh.cancel)
    await view(page, 'problem')
    return page
  },
  'a core that has gone': async (rig) => {
    rig.visitors.expect(/net::ERR_/)
    const { link, program } = await rig.machine.app()
    const page = await rig.visitors.open(link, still)
    await view(page, 'waiting')
    await program.kill()
    await view(page, 'gone')
    return page
  },
  'a browser that is not ours any more': async (rig) => {
    rig.visitors.expect(/status of 403/)
    const page = await open(rig)
    await codeInFrame(page)
    await page.context().clearCookies()
    await press(page, zh.waiting.newCode)
    await view(page, 'gone')
    return page
  },
}

test.for(Object.entries(views))(
  '%s: legible and all there, in both languages',
  async ([name, show], { dingtalk, machine, visitors }) => {
    const page = await show({ dingtalk, machine, visitors })
    await inspect(page, `${name}, zh-CN`)
    await press(page, zh.otherLanguage)
    await page.getByRole('button', { name: en.otherLanguage }).waitFor()
    await inspect(page, `${name}, en`)
  },
)

test('the small pages: legible and all there', async ({ machine, visitors }) => {
  visitors.expect(/status of 40\d/)
  const { origin } = await machine.app()
  const context = await visitors.arrive()
  for (const path of ['/', '/callback?state=s&code=c', '/nothing']) {
    const page = await context.newPage()
    await page.goto(origin + path)
    await page.locator('p[lang=en]').waitFor()
    if (path === '/') await page.waitForURL('**/?opened')
    await inspect(page, path)
  }
})
