import type { Browser } from 'playwright-core'
import { expect, test as base } from 'vitest'
import { Machine } from './core.ts'
import { DingTalk } from './dingtalk.ts'
import { Elsewhere } from './elsewhere.ts'
import { openSite } from '../../scripts/site.mjs'
import { launch, Visitors } from './visitors.ts'

export { describe, expect } from 'vitest'

interface Fixtures {
  /** One browser for all tests of a file; each visitor has a profile of their own in it. */
  browser: Browser
  /** The interface with a fake core; scenes are those of src/fake. One for all tests of a file. */
  fake: { origin: string }
  dingtalk: DingTalk
  machine: Machine
  visitors: Visitors
  /** Serves a web page of somebody else. */
  elsewhere: (html: string) => Promise<Elsewhere>
}

/** A test with a DingTalk, a machine and visitors of its own. */
export const test = base.extend<Fixtures>({
  browser: [
    // eslint-disable-next-line no-empty-pattern -- vitest reads the names of fixtures from the pattern
    async ({}, use) => {
      const browser = await launch()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],

  fake: [
    // eslint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => {
      const site = await openSite()
      await use(site)
      await site.close()
    },
    { scope: 'file' },
  ],

  // eslint-disable-next-line no-empty-pattern -- as above
  dingtalk: async ({}, use) => {
    const dingtalk = await DingTalk.start()
    await use(dingtalk)
    await dingtalk.stop()
  },

  machine: async ({ dingtalk }, use) => {
    const machine = await Machine.make(dingtalk)
    await use(machine)
    await machine.close()
  },

  visitors: async ({ browser, task }, use) => {
    const visitors = new Visitors(browser)
    await use(visitors)
    // Softly: an error thrown here would keep the other fixtures from ending theirs.
    expect.soft(visitors.complaints, 'what the pages complained about').toEqual([])
    if (task.result?.state === 'fail') await visitors.photograph(task.name)
    await visitors.leave()
  },

  // eslint-disable-next-line no-empty-pattern -- as above
  elsewhere: async ({}, use) => {
    const served: Elsewhere[] = []
    await use(async (html) => {
      const page = await Elsewhere.serve(html)
      served.push(page)
      return page
    })
    await Promise.all(served.map((page) => page.stop()))
  },
})
