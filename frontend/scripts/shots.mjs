// Takes a picture of every view at every size, light and dark, and lets
// axe-core read each one: `npm run shots -- FOLDER [scene…]`.
//
// It looks at the fake build under the content security policy of the core, so
// a style or script that the policy forbids shows here too.
import { createServer } from 'node:http'
import { mkdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { chromium } from 'playwright-core'
import { build } from 'vite'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
].join('; ')

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

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
  'redirect',
  'lost',
  'refused',
]

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

const site = await mkdtemp(join(tmpdir(), 'dingpass-fake-'))
await build({ mode: 'fake', logLevel: 'warn', build: { outDir: site, emptyOutDir: true } })
const server = await serve(site)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: browserFlags,
})
try {
  await mkdir(folder, { recursive: true })
  for (const scene of wanted.length > 0 ? wanted : scenes) await shoot(scene)
} finally {
  await browser.close()
  server.close()
  await rm(site, { recursive: true })
}
for (const complaint of complaints) console.error(complaint)
process.exitCode = complaints.length > 0 ? 1 : 0

/** Takes one scene in every size and colour scheme, the languages taking turns. */
async function shoot(scene) {
  for (const viewport of sizes) {
    for (const colorScheme of ['light', 'dark']) {
      const language = (colorScheme === 'light') === (viewport.width === 1920) ? 'zh-CN' : 'en'
      const name = `${scene}-${viewport.width}x${viewport.height}-${colorScheme}-${language}`
      const page = await open(scene, name, { viewport, colorScheme, locale: language })
      await page.screenshot({ path: join(folder, `${name}.png`) })
      await readOut(page, name)
      for (const size of [viewport, ...otherSizes]) {
        await page.setViewportSize(size)
        await measure(page, `${name} at ${size.width}x${size.height}`)
      }
      await page.context().close()
    }
  }
}

/** Opens a scene and waits until it is all there. */
async function open(scene, name, options) {
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
  await page.goto(`http://127.0.0.1:${server.address().port}/?fake=${scene}&language=${options.locale}&demo`)
  await page.waitForSelector('main:not([data-view="opening"])')
  await page.waitForSelector('.frame[data-loaded="false"]', { state: 'detached' })
  return page
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

/** Serves the files of a folder the way the core does. */
async function serve(root) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    const path = normalize(pathname === '/' ? '/index.html' : pathname)
    response.setHeader('Content-Security-Policy', policy)
    try {
      const body = await readFile(join(root, path))
      response
        .writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' })
        .end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
