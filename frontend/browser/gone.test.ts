import { zh } from '../src/text/zh.ts'
import { codeInFrame, heading, missCore, view } from './kit/screen.ts'
import { expect, test } from './kit/test.ts'

test('a core that is killed while the code is up is missed', async ({ machine, visitors }) => {
  visitors.expect(/net::ERR_/)
  const { link, program } = await machine.app()
  const page = await visitors.open(link)
  await codeInFrame(page)
  await program.kill()
  await heading(page, zh.gone.lost)
  await page.getByText(zh.gone.lostNext).waitFor()
  expect(await page.locator('iframe').count()).toBe(0)
})

test('a core that is killed after a sign-in takes the name off the screen', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  visitors.expect(/net::ERR_/)
  const { link, program } = await machine.app()
  const page = await visitors.open(link)
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await view(page, 'welcome')
  await program.kill()
  await heading(page, zh.gone.lost)
  expect(await page.getByText('张三').count()).toBe(0)
})

test('a core that is killed while it asks DingTalk signs nobody in', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  visitors.expect(/net::ERR_/)
  await dingtalk.fault('/topapi/v2/user/get', { kind: 'hang' })
  const first = await machine.app()
  const page = await visitors.open(first.link)
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await view(page, 'working')
  await first.program.kill()
  await heading(page, zh.gone.lost)

  const later = await visitors.open((await machine.app()).link)
  await view(later, 'waiting')
})

test('«login» that is killed leaves no result on the page', async ({ machine, visitors }) => {
  visitors.expect(/net::ERR_/)
  const { link, program } = await machine.login()
  const page = await visitors.open(link)
  await view(page, 'waiting')
  await page.clock.install()
  await program.kill()
  await missCore(page)
  await heading(page, zh.gone.lost)
})

test('the launch link opens for one browser only, and other pages show nothing', async ({
  machine,
  visitors,
}) => {
  visitors.expect(/status of 403/)
  const { link, origin } = await machine.app()
  await view(await visitors.open(link), 'waiting')

  const second = await visitors.open(link)
  await second.getByText('its link works once').waitFor()
  const third = await visitors.open(`${origin}/`)
  await third.getByText('its link works once').waitFor()
  for (const path of ['/api/snapshot', '/api/events', '/login/start', '/assets/index.js']) {
    expect((await third.context().request.get(origin + path)).status()).toBe(403)
  }
})

test('a window that is opened twice follows the same sign-in', async ({ dingtalk, machine, visitors }) => {
  const { link, origin } = await machine.app()
  const page = await visitors.open(link)
  const scan = await codeInFrame(page)
  const twin = await page.context().newPage()
  await twin.goto(`${origin}/`)
  await view(twin, 'waiting')
  await dingtalk.confirm(scan, 'zhang01')
  for (const window of [page, twin]) await heading(window, `${zh.welcome.greeting} 张三`)
})
