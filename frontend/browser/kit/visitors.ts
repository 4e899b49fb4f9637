import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { artefacts, chromiumPath } from './places.ts'

/** How long a page may take for anything: longer than the core pauses at most (backend/network/run.go). */
const patience = 60_000

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts a headless Chromium with a profile of its own. */
export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: [...flags, ...more] })
}

/**
 * The people at the screen: each has cookies and storage of their own. What
 * their pages complain about, and what they ask of any other machine, is noted
 * and must be nothing in the end.
 */
export class Visitors {
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []
  readonly #complaints: string[] = []
  // The sandbox has no icon, and each browser asks for one when it likes.
  readonly #expected: RegExp[] = [/localhost:\d+\/favicon\.ico/]

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Opens an address as somebody new. */
  async open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.arrive(options)
    const page = await context.newPage()
    await page.goto(address)
    return page
  }

  /** Somebody new, who has opened nothing yet. */
  async arrive(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      timezoneId: 'Asia/Shanghai',
      locale: 'zh-CN',
      ...options,
    })
    this.#contexts.push(context)
    context.setDefaultTimeout(patience)
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url())
      if (protocol !== 'data:' && hostname !== '127.0.0.1' && hostname !== 'localhost') {
        this.#complaints.push(`asked ${hostname}`)
      }
    })
    context.on('weberror', (error) => this.#complaints.push(error.error().message))
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.#complaints.push(`${message.text()} (${message.location().url})`)
      }
    })
    return context
  }

  /** Says which complaints of the browser belong to the test. */
  expect(complaint: RegExp): void {
    this.#expected.push(complaint)
  }

  get complaints(): string[] {
    return this.#complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)))
  }

  /** Leaves a picture of every page under this name. */
  async photograph(name: string): Promise<void> {
    const pages = this.#contexts.flatMap((context) => context.pages())
    const file = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    for (const [number, page] of pages.entries()) {
      const path = join(artefacts, `${file}-${number + 1}.png`)
      await page.screenshot({ path }).catch(() => undefined) // of a page that is gone there is no picture
    }
  }

  async leave(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
  }
}
