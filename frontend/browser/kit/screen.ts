import type { FrameLocator, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { zh } from '../../src/text/zh.ts'

/** The view on stage, once it is there. The names are those of src/core/view.ts. */
export async function view(page: Page, name: string): Promise<Locator> {
  const main = page.locator(`main[data-view="${name}"]`)
  await main.waitFor()
  return main
}

/** DingTalk's frame in our page, once its script has run. */
export function frame(page: Page): FrameLocator {
  return page.frameLocator('.frame[data-loaded=true] iframe')
}

/** What a phone's camera reads off our page: the code in DingTalk's frame. */
export async function codeInFrame(page: Page): Promise<string> {
  return read(frame(page).locator('main'), 'data-scan')
}

/** The same, once the frame shows the code of the attempt that is running now. */
export async function newestCodeInFrame(page: Page): Promise<string> {
  const start = new URL('/login/start?frame=1', page.url()).href
  const answer = await page.context().request.get(start, { maxRedirects: 0 })
  const addresses = () => page.frames().map((shown) => shown.url())
  await expect.poll(addresses).toContain(answer.headers()['location'])
  return codeInFrame(page)
}

/** Presses «new code» and waits until the core has begun another attempt. */
export async function askNewCode(page: Page): Promise<void> {
  const begun = page.waitForResponse('**/api/login')
  await page.getByRole('button', { name: zh.waiting.newCode }).click()
  await begun
}

/** What a phone's camera reads off DingTalk's own page, once that is there. */
export async function codeOnPage(page: Page): Promise<string> {
  await page.waitForURL('**/oauth2/auth?**')
  return read(page.locator('main'), 'data-scan')
}

/** The code in either place: `frame` in our page, `page` on DingTalk's. */
export function code(page: Page, embed: 'frame' | 'page'): Promise<string> {
  return embed === 'frame' ? codeInFrame(page) : codeOnPage(page)
}

export async function read(element: Locator, attribute: string): Promise<string> {
  const value = await element.getAttribute(attribute)
  if (value === null) throw new Error(`no ${attribute}`)
  return value
}

/** What the page can learn from the core. */
export function snapshot(page: Page): Promise<Snapshot> {
  return page.evaluate(async () => (await (await fetch('/api/snapshot')).json()) as Snapshot)
}

/** Waits until the heading of the view reads so. */
export async function heading(page: Page, words: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: words, exact: true }).waitFor()
}

/** Waits until the heading has the focus: a new view begins there, for keyboard and screen reader. */
export async function headingFocused(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
}

/** Waits until the title of the page has this; it follows the heading a moment later. */
export async function titled(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.title()).toContain(words)
}

/** Waits until keys go into a box: a view that begins with one gives it the focus a moment after it shows. */
export async function boxFocused(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement instanceof HTMLInputElement)
}

/**
 * Has the page miss its core for longer than it has patience for. The clock of
 * the page must be ours: `page.clock.install()`.
 */
export async function missCore(page: Page): Promise<void> {
  // Its patience begins with the first failure, and it has seen that by the second.
  const failure = () =>
    page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/snapshot'))
  await failure()
  await failure()
  await page.clock.fastForward(10_000)
}
