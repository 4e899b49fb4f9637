import type { FrameLocator, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Snapshot } from '../../src/core/snapshot.ts'

/** The view on stage, once it is there. The names are those of src/core/view.ts. */
export async function view(page: Page, name: string): Promise<Locator> {
  const main = page.locator(`main[data-view="${name}"]`)
  await main.waitFor()
  return main
}

/** DingTalk's frame in our page. */
export function frame(page: Page): FrameLocator {
  return page.frameLocator('.frame iframe')
}

/** What a phone's camera reads off our page: the code in DingTalk's frame. */
export async function codeInFrame(page: Page): Promise<string> {
  return read(frame(page).locator('main'), 'data-scan')
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

/** Waits until the heading reads so and has the focus: a new view begins there, for keyboard and screen reader. */
export async function heading(page: Page, words: string): Promise<void> {
  const h1 = page.locator('main h1')
  await h1.filter({ hasText: words }).waitFor()
  expect(squeezed(await h1.innerText())).toBe(words)
}

/** True once the heading of the view has the focus. */
export async function headingFocused(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
