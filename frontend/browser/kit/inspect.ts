import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

declare global {
  interface Window {
    axe: { run: (context: Document, options: RunOptions) => Promise<AxeResults> }
  }
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const sizes = [
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
  { width: 800, height: 600 },
]

/** Looks at what is on the screen at every size, light and dark, and wants nothing wrong. */
export async function inspect(page: Page, name: string): Promise<void> {
  // On a gradient axe-core does not judge the contrast of any text.
  await page.evaluate(() => (document.body.style.backgroundImage = 'none'))
  for (const size of sizes) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.keyboard.press('Shift') // somebody is there: without, some views give up after a while
      const found = [...(await readOut(page)), ...(await page.evaluate(misfits))]
      expect(found, `${name}, ${size.width}×${size.height}, ${colorScheme}`).toEqual([])
    }
  }
}

/** What axe-core calls serious or critical. DingTalk's frame is DingTalk's. */
export async function readOut(page: Page): Promise<string[]> {
  // The debugger brings it in: the page's policy does not hold that back.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false }))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`)
}

/** What does not fit on the screen, or in its box. */
function misfits(): string[] {
  const found: string[] = []
  const { clientWidth, clientHeight, scrollWidth, scrollHeight } = document.documentElement
  if (scrollWidth > clientWidth) found.push(`${scrollWidth - clientWidth} pixels too wide`)
  if (scrollHeight > clientHeight) found.push(`${scrollHeight - clientHeight} pixels too high`)

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement
    const words = (text.textContent ?? '').trim()
    if (!words || !element?.checkVisibility() || element.closest('[role=status], noscript, script')) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    const box = range.getBoundingClientRect()
    const outside = box.left < 0 || box.top < 0 || box.right > clientWidth || box.bottom > clientHeight
    const clips = getComputedStyle(element).overflowX !== 'visible'
    const cut = clips && element.scrollWidth > element.clientWidth
    if (outside || cut) found.push(`cut off: ${words}`)
  }
  return found
}
