import type { Page } from 'playwright-core'
import { zh } from '../src/text/zh.ts'
import { events, lastEvent } from './kit/core.ts'
import { code, codeInFrame, codeOnPage, heading, missCore, snapshot, titled, view } from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name })

describe.each(['frame', 'page'] as const)('in %s mode', (embed) => {
  test('a scan leads to the name, which a reload shows again', async ({ dingtalk, machine, visitors }) => {
    const { link, origin } = await machine.app({ embed })
    const page = await visitors.open(link)
    await dingtalk.confirm(await code(page, embed), 'zhang01')

    await view(page, 'welcome')
    await heading(page, `${zh.welcome.greeting} 张三`)
    expect(new URL(page.url()).origin).toBe(origin)
    await titled(page, '张三')

    // From DingTalk's site we come back without our cookie (SameSite=Strict);
    // the page that steps in has to get it sent again.
    await page.reload()
    await heading(page, `${zh.welcome.greeting} 张三`)
    expect(await snapshot(page)).toMatchObject({ phase: 'signed_in', embed, person: { name: '张三' } })
  })

  test('no code and no state stays in the address bar or the history', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    const { link, origin } = await machine.app({ embed })
    const page = await visitors.open(link)
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await view(page, 'welcome')

    expect(new URL(page.url()).pathname).toBe('/')
    const addresses = await history(page)
    expect(addresses.filter((address) => /[?&](authCode|code)=/.test(address))).toEqual([])
    const ours = addresses.filter((address) => address.startsWith(origin))
    expect(ours).not.toEqual([])
    expect(ours.filter((address) => /state=|\/open\/|\/callback/.test(address))).toEqual([])
  })

  test('one person signs out and the next one signs in', async ({ dingtalk, machine, visitors }) => {
    const { link } = await machine.app({ embed })
    const page = await visitors.open(link)
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await view(page, 'welcome')

    await button(page, zh.signOut).click()
    await view(page, 'idle')
    expect((await snapshot(page)).person).toBeUndefined()

    await button(page, zh.signIn).click()
    await dingtalk.confirm(await code(page, embed), 'li02')
    await heading(page, `${zh.welcome.greeting} 李思`)
  })

  // The core ends as soon as its caller has the result: the person at the
  // screen must have it, too.
  test('the page of «login» keeps its result when the core has gone', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    visitors.expect(/net::ERR_/)
    const { link, origin, program } = await machine.login({ embed })
    const page = await visitors.open(link)
    await page.clock.install()
    const scan = await code(page, embed)
    // A slow browser is still on its way back when the result is out.
    const late: number[] = []
    await page.route(
      (url) => url.search === '?opened',
      async (route) => {
        await lastEvent(program)
        late.push((await fetch(origin)).status)
        await route.continue()
      },
    )
    await dingtalk.confirm(scan, 'zhang01')
    expect(await lastEvent(program)).toMatchObject({ event: 'signed_in', identity: { user_id: 'zhang01' } })

    await view(page, 'welcome')
    expect(late).toEqual(embed === 'page' ? [200] : [])
    expect(await program.exit).toBe(0)
    expect(events(program).map(({ event, phase }) => phase ?? event)).toEqual([
      'open',
      'waiting',
      'working',
      'signed_in',
      'signed_in',
    ])
    await missCore(page)
    await heading(page, `${zh.welcome.greeting} 张三`)
    await page.getByText(zh.welcome.close).waitFor()
  })
})

test('whoever is signed in sees their name at the next start', async ({ dingtalk, machine, visitors }) => {
  const first = await machine.app()
  const page = await visitors.open(first.link)
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await view(page, 'welcome')
  await page.context().close()
  await first.program.stop()

  const again = await visitors.open((await machine.app()).link)
  await heading(again, `${zh.welcome.greeting} 张三`)
  await again.getByText(zh.welcome.cache).waitFor()
})

test('Back to DingTalk’s page after a sign-in changes nothing', async ({ dingtalk, machine, visitors }) => {
  visitors.expect(/status of 409/)
  const { link } = await machine.app({ embed: 'page' })
  const page = await visitors.open(link)
  await dingtalk.confirm(await codeOnPage(page), 'zhang01')
  await view(page, 'welcome')

  await page.goBack()
  await dingtalk.confirm(await codeOnPage(page), 'li02')
  await page.getByText('Nothing has changed').waitFor()

  const other = await page.context().newPage()
  await other.goto(new URL('/', link).href)
  await heading(other, `${zh.welcome.greeting} 张三`)
})

/** Every address in the tab's history. */
async function history(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page)
  const { entries } = await devtools.send('Page.getNavigationHistory')
  return entries.map(({ url }) => url)
}
