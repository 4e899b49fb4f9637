import type { Page } from 'playwright-core'
import { problemWords } from '../src/text/texts.ts'
import { zh } from '../src/text/zh.ts'
import { lastEvent } from './kit/core.ts'
import {
  code,
  codeInFrame,
  codeOnPage,
  heading,
  headingFocused,
  missCore,
  snapshot,
  view,
} from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'

/** The view that says why, what to do next, and offers another try. */
async function problem(page: Page, errorCode: string): Promise<void> {
  const { title, next } = problemWords('zh-CN', errorCode)
  await heading(page, title)
  const main = await view(page, 'problem')
  await main.getByText(next).waitFor()
  await main.getByText(errorCode).waitFor({ state: 'attached' }) // folded away
  expect(new URL(page.url()).pathname).toBe('/')
  expect(await snapshot(page)).toMatchObject({ phase: 'failed', problem: { code: errorCode } })
}

describe.each(['frame', 'page'] as const)('in %s mode', (embed) => {
  // The sandbox's cast: backend/sandbox/doc.go.
  test.for([
    ['somebody of another company', 'zhou07', 'wrong_corp'],
    ['somebody of no company', 'wu08', 'not_member'],
    ['somebody who has left', 'chen11', 'not_member'],
    ['an external contact', 'wang03', 'external_contact'],
    ['somebody who never activated DingTalk', 'zhao04', 'inactive'],
    ['somebody whose record is disabled', 'qian05', 'disabled'],
    ['somebody whose account is disabled', 'sun06', 'disabled'],
  ] as const)(
    '%s is told why, and nobody is signed in',
    async ([, userid, errorCode], { dingtalk, machine, visitors }) => {
      const page = await visitors.open((await machine.app({ embed })).link)
      await dingtalk.confirm(await code(page, embed), userid)
      await problem(page, errorCode)
      expect((await snapshot(page)).person).toBeUndefined()
    },
  )

  test('a refusal on the phone is told, and the next try succeeds', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    const page = await visitors.open((await machine.app({ embed })).link)
    await dingtalk.refuse(await code(page, embed))
    await problem(page, 'denied')
    // A page that was just loaded leaves the focus where the browser puts it.
    if (embed === 'frame') await headingFocused(page)

    await page.getByRole('button', { name: zh.problem.retry }).click()
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
  })

  test('the page of «login» keeps the reason when the core has gone', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    visitors.expect(/net::ERR_/)
    const { link, program } = await machine.login({ embed })
    const page = await visitors.open(link)
    await page.clock.install()
    await dingtalk.confirm(await code(page, embed), 'wang03')
    expect(await lastEvent(program)).toMatchObject({ event: 'failed', code: 'external_contact' })
    await heading(page, problemWords('zh-CN', 'external_contact').title)
    expect(await program.exit).toBe(3)
    await missCore(page)
    await heading(page, problemWords('zh-CN', 'external_contact').title)
    await page.getByText(zh.problem.close).waitFor()
  })
})

// No refusal of the real DingTalk was ever captured; the frame may only say
// that it cannot go on, and then the full page is the way out.
test('a frame that gives up offers the full page, where the next person signs in', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  await dingtalk.set({ refusal: 'message' })
  const page = await visitors.open((await machine.app()).link)
  await dingtalk.refuse(await codeInFrame(page))
  await page.getByRole('alert').getByText(zh.waiting.trouble).waitFor()
  expect((await snapshot(page)).phase).toBe('waiting')

  await page.getByRole('alert').getByRole('button', { name: zh.waiting.fullPage }).click()
  await dingtalk.confirm(await codeOnPage(page), 'zhang01')
  await heading(page, `${zh.welcome.greeting} 张三`)
})
