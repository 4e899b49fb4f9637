// Takes a picture of every view at every size, light and dark, and lets
// axe-core read each one: `npm run shots -- FOLDER [scene…]`.
//
// It looks at the fake build under the content security policy of the core, so
// a style or script that the policy forbids shows here too.
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { openSite } from './site.mjs'

const sizes = [
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
  { width: 800, height: 600 },
]

// Sizes at which nothing is looked at, but everything must fit.
const otherSizes = [
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
]

const scenes = [
  'demo',
  'idle',
  'waiting',
  'trouble',
  'page',
  'browser',
  'working',
  'welcome',
  'cached',
  'not_signed_out',
  'once',
  'expired',
  'cancelled',
  'not_member',
  'permission',
  'detail',
  'redirect',
  'lost',
  'refused',
  'offline',
  'offline_none',
  'number',
  'pin',
  'pin_wrong',
  'pin_locked',
  'pin_hard',
  'badge',
  'badge_refused',
  'shaky',
  'online',
  'enrol',
  'enrol_pin',
  'enrol_again',
  'enrol_done',
  'enrolled',
  'lapsed',
  'suspended',
  'suspended_online',
  'key_locked',
  'key_gone',
  'key_wrong',
  'key_unavailable',
]

// Scenes in which somebody does something before the picture is taken: the scene
// of src/fake that it begins with, and the steps, see act.
const acts = {
  demo: ['waiting'],
  detail: ['permission', 'summary'],
  number: ['offline', 'main:last', 'type:A03'],
  pin: ['offline', 'main:last', 'type:A0327', 'Enter', 'type:4829'],
  pin_wrong: ['offline', 'main:last', 'type:A0327', 'Enter', 'type:482915', 'Enter'],
  pin_locked: ['offline_locked', 'main:last', 'type:A0327', 'Enter'],
  pin_hard: ['offline_hard', 'main:last'],
  badge: ['offline', 'main:first'],
  badge_refused: ['offline', 'main:first', 'summary', 'Tab', 'type:12345', 'Enter'],
  enrol_pin: ['enrol', 'actions:last'],
  enrol_again: ['enrol', 'actions:last', 'type:482915', 'Enter', 'type:48'],
  enrol_done: ['enrol', 'actions:last', 'type:482915', 'Enter', 'type:482915', 'Enter'],
}

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const [folder = 'shots', ...wanted] = process.argv.slice(2)
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const complaints = []

const site = await openSite()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: browserFlags,
})
try {
  await mkdir(folder, { recursive: true })
  for (const scene of wanted.length > 0 ? wanted : scenes) await shoot(scene)
} finally {
  await browser.close()
  await site.close()
}
for (const complaint of complaints) console.error(complaint)
process.exitCode = complaints.length > 0 ? 1 : 0

/**
 * Takes one scene in every size and colour scheme, the languages taking turns.
 * A demonstration has a strip above all else, which none but its own picture
 * shows; every scene must fit below it all the same.
 */
async function shoot(scene) {
  for (const viewport of sizes) {
    for (const colorScheme of ['light', 'dark']) {
      const language = (colorScheme === 'light') === (viewport.width === 1920) ? 'zh-CN' : 'en'
      const name = `${scene}-${viewport.width}x${viewport.height}-${colorScheme}-${language}`
      const look = { viewport, colorScheme, locale: language }
      const page = await open(scene, name, look, scene === 'demo')
      await page.screenshot({ path: join(folder, `${name}.png`) })
      await readOut(page, name)
      await page.context().close()

      const demo = await open(scene, name, look, true)
      for (const size of [viewport, ...otherSizes]) {
        await demo.setViewportSize(size)
        await measure(demo, `${name} at ${size.width}x${size.height}`)
      }
      await demo.context().close()
    }
  }
}

/** Opens a scene, as a demonstration or not, and waits until it is all there. */
async function open(scene, name, options, demo) {
  const context = await browser.newContext({
    ...options,
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Shanghai',
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${name}: ${message.text()}`)
  })
  const [first, ...steps] = acts[scene] ?? [scene]
  await page.goto(`${site.origin}/?fake=${first}&language=${options.locale}${demo ? '&demo' : ''}`)
  await page.waitForSelector('main:not([data-view="opening"])')
  await page.waitForSelector('.frame[data-loaded="false"]', { state: 'detached' })
  for (const step of steps) await act(page, step)
  return page
}

/** Does what a person does: types, or presses a button. */
async function act(page, step) {
  const [what, which] = step.split(':')
  if (what === 'type') await page.keyboard.type(which)
  else if (what === 'summary') await page.locator('summary').click()
  else if (what === 'main') await page.locator('.button-main')[which]().click()
  else if (what === 'actions') await page.locator('.actions .button')[which]().click()
  else await page.keyboard.press(what)
}

/** Notes anything that does not fit on the screen. */
async function measure(page, name) {
  const over = await page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement
    return [scrollWidth - clientWidth, scrollHeight - clientHeight]
  })
  if (over.some((pixels) => pixels > 0)) complaints.push(`${name}: ${over.join(' × ')} pixels too large`)
}

/** Notes what axe-core calls serious. It comes in by the debugger, which the policy does not hold back. */
async function readOut(page, name) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false }))
  for (const { impact, id, nodes } of violations) {
    if (impact === 'minor' || impact === 'moderate') continue
    complaints.push(`${name}: ${id}: ${nodes[0].html} ${nodes[0].failureSummary}`)
  }
}
