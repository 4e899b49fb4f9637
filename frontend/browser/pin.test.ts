import { zh } from '../src/text/zh.ts'
import { boxFocused, codeInFrame, heading, view } from './kit/screen.ts'
import { expect, test } from './kit/test.ts'

// The real core: a PIN is set right after a scan, and lets in when the network is gone.

const pin = '482915'

test('a PIN that was set after a scan signs in with the network gone', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  // The frame of a code that is over already, or that cannot be had.
  visitors.expect(/net::ERR_|Framing/)
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const type = async (digits: string) => {
    await page.keyboard.type(digits)
    await page.keyboard.press('Enter')
  }
  const { link } = await machine.app()
  const page = await visitors.open(link)
  await dingtalk.confirm(await codeInFrame(page), 'zhang01')
  await view(page, 'welcome')
  await press(zh.welcome.setPin)
  await heading(page, zh.enrol.title)
  await type(pin)
  await heading(page, zh.enrol.againTitle)
  await type(pin)
  await heading(page, zh.enrol.done)
  await press(zh.enrol.ok)
  await press(zh.signOut)
  await view(page, 'idle')

  await dingtalk.stop()
  await press(zh.signIn)
  await heading(page, zh.offline.title)
  await press(zh.offline.ways.pin)
  await boxFocused(page)
  await page.keyboard.type('A001')
  await page.keyboard.press('Enter')
  await heading(page, zh.pin.title)
  await type('739264')
  await page.getByText(zh.offline.triesLeft(9)).waitFor()
  await type(pin)
  await view(page, 'welcome')
  await page.getByRole('heading', { name: '张三' }).waitFor()
  await page.getByText(zh.welcome.cache).waitFor()

  await press(zh.signOut)
  await heading(page, zh.offline.title)
  expect(await page.getByText('张三').count()).toBe(0)
})
