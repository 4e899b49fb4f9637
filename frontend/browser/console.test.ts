import type { Page } from 'playwright-core'
import { DingTalk } from './kit/dingtalk.ts'
import { readOut } from './kit/inspect.ts'
import { expect, test } from './kit/test.ts'

/** The call that the console is watched with. It needs neither token nor secret to be answered. */
const call = '/gettoken'

function open(visitors: { open: (address: string) => Promise<Page> }, dingtalk: DingTalk): Promise<Page> {
  return visitors.open(`${dingtalk.loginURL}/_console`)
}

/** The requests that the console shows; a browser's for an icon may be among them. */
const requests = (page: Page) => page.locator('#requests tr')

async function status(dingtalk: DingTalk): Promise<number> {
  return (await fetch(dingtalk.url + call)).status
}

test('requests show in the sandbox’s console as they come', async ({ dingtalk, visitors }) => {
  const page = await open(visitors, dingtalk)
  await page.getByText('还没有请求').waitFor({ state: 'attached' })
  expect(await status(dingtalk)).toBe(200)
  await requests(page).filter({ hasText: call }).filter({ hasText: '200' }).waitFor()
  await page.getByText('还没有请求').waitFor({ state: 'hidden' })
})

test('a fault that is switched on in the console hits the next call, and shows until then', async ({
  dingtalk,
  visitors,
}) => {
  const page = await open(visitors, dingtalk)
  const faults = page.locator('#faults li')
  await page.getByLabel('接口').selectOption(call)
  await page.getByRole('button', { name: '503', exact: true }).click()
  await faults.filter({ hasText: call }).filter({ hasText: '503' }).waitFor()

  expect(await status(dingtalk)).toBe(503)
  await requests(page).filter({ hasText: call }).filter({ hasText: '503' }).waitFor()
  await page.getByText('没有故障').waitFor()
  expect(await status(dingtalk)).toBe(200)

  await page.getByLabel('一直').check()
  await page.getByRole('button', { name: '503', exact: true }).click()
  await faults.first().waitFor()
  expect([await status(dingtalk), await status(dingtalk)]).toEqual([503, 503])
  await faults.getByRole('button', { name: '清除' }).click()
  await page.getByText('没有故障').waitFor()
  expect(await status(dingtalk)).toBe(200)
})

test('people are found in the console, and who is added elsewhere is counted at once', async ({
  dingtalk,
  visitors,
}) => {
  const page = await open(visitors, dingtalk)
  const people = page.locator('#people tr')
  await people.filter({ hasText: '张三' }).filter({ hasText: 'zhang01' }).waitFor()

  const before = (await dingtalk.state()).people
  await page.locator('#people-count').getByText(String(before), { exact: true }).waitFor()
  await dingtalk.add({ userid: 'new01', name: '新来的' })
  await page
    .locator('#people-count')
    .getByText(String(before + 1), { exact: true })
    .waitFor()
  await page.getByRole('searchbox').fill('新来')
  await people.filter({ hasText: 'new01' }).waitFor()
  await people.filter({ hasText: 'zhang01' }).waitFor({ state: 'detached' })

  await people.getByRole('button', { name: '免登码' }).click()
  await page
    .locator('#said')
    .getByText(/^new01: \S+$/)
    .waitFor()
})

test('who is changed elsewhere changes in the console, under the reader’s focus', async ({
  dingtalk,
  visitors,
}) => {
  const page = await open(visitors, dingtalk)
  const zhang = page.locator('#people tr').filter({ hasText: 'zhang01' })
  await zhang.getByRole('button').click()
  const said = await page
    .locator('#said')
    .getByText(/^zhang01: /)
    .innerText()

  await dingtalk.change('zhang01', { disabled: true, title: '总监' })
  await zhang.filter({ hasText: '已停用' }).filter({ hasText: '总监' }).waitFor()
  await dingtalk.remove('li02')
  await page.locator('#people tr').filter({ hasText: 'li02' }).waitFor({ state: 'detached' })
  await dingtalk.change('zhang01', { disabled: false })
  await zhang.filter({ hasText: '已停用' }).waitFor({ state: 'detached' })

  expect(await zhang.locator('button:focus').count()).toBe(1)
  expect(await page.locator('#said').innerText()).toBe(said)
})

test('who is added elsewhere comes into what the reader looks for, and leaves it', async ({
  dingtalk,
  visitors,
}) => {
  const page = await open(visitors, dingtalk)
  const people = page.locator('#people tr')
  await page.getByRole('searchbox').fill('新来')
  await people.first().waitFor({ state: 'detached' })
  await dingtalk.add({ userid: 'new01', name: '新来的' })
  await people.filter({ hasText: 'new01' }).waitFor()
  await dingtalk.add({ userid: 'other01', name: '别人' })
  await dingtalk.add({ userid: 'new02', name: '又新来的' })
  await people.filter({ hasText: 'new02' }).waitFor()
  await dingtalk.change('new01', { name: '走了的' })
  await people.filter({ hasText: 'new01' }).waitFor({ state: 'detached' })

  expect(await people.count()).toBe(1)
  expect(await page.locator('input:focus').inputValue()).toBe('新来')
})

test('the console says when its sandbox has gone, and goes on with the next one', async ({
  dingtalk,
  visitors,
}) => {
  visitors.expect(/net::ERR_/)
  const page = await open(visitors, dingtalk)
  await page.locator('#people tr').first().waitFor()
  await dingtalk.stop()
  await page.getByText('沙盒已停止').waitFor()

  const next = await DingTalk.start(dingtalk.url)
  try {
    await next.remove('zhang01')
    await page.getByText('沙盒已停止').waitFor({ state: 'hidden' })
    await page.locator('#people tr').filter({ hasText: 'zhang01' }).waitFor({ state: 'detached' })
    await status(next)
    await requests(page).filter({ hasText: call }).waitFor()
  } finally {
    await next.stop()
  }
})

test.for(['zh-CN', 'en'])(
  'the console can be read by everybody, in %s',
  async (locale, { dingtalk, visitors }) => {
    const page = await visitors.open(`${dingtalk.loginURL}/_console`, { locale })
    await status(dingtalk)
    await dingtalk.fault(call, { status: 503 }, { kind: 'hang' })
    await page.locator('#faults li').first().waitFor()
    await requests(page).filter({ hasText: call }).waitFor()
    await page.locator('#people tr').first().waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await readOut(page), colorScheme).toEqual([])
    }
  },
)
