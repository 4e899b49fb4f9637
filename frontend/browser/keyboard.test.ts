import type { Page } from 'playwright-core'
import { en } from '../src/text/en.ts'
import { problemWords } from '../src/text/texts.ts'
import { zh } from '../src/text/zh.ts'
import { code, codeInFrame, codeOnPage, frame, heading, headingFocused, titled } from './kit/screen.ts'
import { expect, test } from './kit/test.ts'

/** What the keyboard is on: a name as people read it, and that of the element in DingTalk's frame. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    return element instanceof HTMLIFrameElement ? element.title : (element?.textContent ?? '').trim()
  })
}

/** Presses Tab and waits until the keyboard is there: on its way to a frame of another process it is nowhere. */
async function tabTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Tab')
  await expect.poll(() => focused(page)).toBe(name)
}

test('a sign-in needs no mouse', async ({ machine, visitors }) => {
  const page = await visitors.open((await machine.app()).link)
  await codeInFrame(page)

  await tabTo(page, zh.otherLanguage)
  await tabTo(page, zh.waiting.frame) // and in it the link to the simulated phone
  await page.keyboard.press('Enter')
  const phone = frame(page).frameLocator('iframe')
  const person = phone.getByRole('link', { name: '张三' })
  await person.focus()
  await page.keyboard.press('Enter')
  const confirm = phone.locator('button[value=confirm]')
  await confirm.focus()
  await page.keyboard.press('Enter')

  await heading(page, `${zh.welcome.greeting} 张三`)
  await headingFocused(page)
  await tabTo(page, zh.signOut)
  await page.keyboard.press('Enter')
  await heading(page, zh.idle.title)
  await headingFocused(page)
  await tabTo(page, zh.signIn)
  await page.keyboard.press('Enter')
  await heading(page, zh.waiting.title)
})

test('Tab goes through the waiting view from top to bottom', async ({ machine, visitors }) => {
  const page = await visitors.open((await machine.app()).link)
  await codeInFrame(page)
  await tabTo(page, zh.otherLanguage)
  await tabTo(page, zh.waiting.frame)
  await tabTo(page, zh.waiting.fullPage)
  await tabTo(page, zh.waiting.newCode)
  await tabTo(page, zh.cancel)

  await page.keyboard.press('Space')
  await heading(page, problemWords('zh-CN', 'cancelled').title)
  await headingFocused(page)
  await tabTo(page, zh.problem.again)
  await page.keyboard.press('Enter')
  await heading(page, zh.waiting.title)
  await headingFocused(page)
})

test('what is folded away for the administrator opens by the keyboard', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  const page = await visitors.open((await machine.app()).link)
  await dingtalk.refuse(await codeInFrame(page))
  await heading(page, problemWords('zh-CN', 'denied').title)
  await headingFocused(page)
  await tabTo(page, zh.problem.retry)
  await tabTo(page, zh.problem.detail)
  await page.keyboard.press('Enter')
  await page.getByText('denied', { exact: true }).waitFor()
  await tabTo(page, zh.problem.copy)
})

test('what has the keyboard shows it', async ({ machine, visitors }) => {
  const page = await visitors.open((await machine.app()).link)
  await codeInFrame(page)
  for (const name of [zh.otherLanguage, zh.waiting.fullPage, zh.waiting.newCode, zh.cancel]) {
    const button = page.getByRole('button', { name })
    await button.focus()
    await page.keyboard.press('Shift') // focus by script is shown after a key
    const outline = await button.evaluate((element) => getComputedStyle(element).outlineStyle)
    expect(outline, name).not.toBe('none')
  }
})

test('the heading takes over when DingTalk’s frame goes with the keyboard in it', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  const page = await visitors.open((await machine.app()).link)
  const scan = await codeInFrame(page)
  await page.locator('iframe').focus()
  await dingtalk.confirm(scan, 'wang03')
  await heading(page, problemWords('zh-CN', 'external_contact').title)
  await headingFocused(page)
})

test.for(['frame', 'page'] as const)(
  'the language that was chosen stays, in %s mode',
  async (embed, { dingtalk, machine, visitors }) => {
    const page = await visitors.open((await machine.app({ embed })).link)
    await code(page, embed)
    if (embed === 'page') await page.goBack()
    await page.getByRole('button', { name: zh.otherLanguage }).click()
    await heading(page, embed === 'frame' ? en.waiting.title : en.waiting.pageTitle)
    await page.locator('html[lang=en]').waitFor()

    if (embed === 'page') await page.getByRole('button', { name: en.waiting.pageButton }).click()
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await heading(page, `${en.welcome.greeting} 张三`)
    await page.reload()
    await heading(page, `${en.welcome.greeting} 张三`)
    await titled(page, en.welcome.greeting)

    await page.getByRole('button', { name: en.otherLanguage }).click()
    await heading(page, `${zh.welcome.greeting} 张三`)
  },
)

test('the language of the settings is that of the page', async ({ dingtalk, machine, visitors }) => {
  const page = await visitors.open((await machine.app({ language: 'en', embed: 'page' })).link)
  await dingtalk.refuse(await codeOnPage(page))
  await heading(page, problemWords('en', 'denied').title)
  await page.locator('html[lang=en]').waitFor()
})
