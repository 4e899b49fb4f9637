import type { Page } from 'playwright-core'
import { problemWords } from '../src/text/texts.ts'
import { zh } from '../src/text/zh.ts'
import { DingTalk, exchange, type Fault, membership } from './kit/dingtalk.ts'
import { code, codeInFrame, heading, view } from './kit/screen.ts'
import { describe, expect, test } from './kit/test.ts'

async function problem(page: Page, errorCode: string): Promise<void> {
  const { title, next } = problemWords('zh-CN', errorCode)
  await heading(page, title)
  await (await view(page, 'problem')).getByText(next).waitFor()
}

/** Without network the view is another one: it offers what works, and goes on by itself. */
async function offline(page: Page): Promise<void> {
  await heading(page, zh.offline.none)
  await view(page, 'offline')
}

const again = (page: Page) => page.getByRole('button', { name: zh.problem.retry })

test('without DingTalk the page says so before anyone scans, and goes on once it is back', async ({
  dingtalk,
  machine,
  visitors,
}) => {
  // The frame of a code that cannot be had, or that is over already.
  visitors.expect(/net::ERR_|Framing/)
  await dingtalk.stop()
  const page = await visitors.open((await machine.app()).link)
  await offline(page)

  // Pressed while DingTalk is away: once it is back, the page may be faster than a hand.
  const asked = page.waitForResponse('**/api/network/retry')
  await page.getByRole('button', { name: zh.network.retry }).click()
  expect((await asked).status()).toBe(202)

  const back = await DingTalk.start(dingtalk.url)
  try {
    await back.confirm(await codeInFrame(page), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
  } finally {
    await back.stop()
  }
})

// The APIs are the core's business: how the person got to DingTalk changes
// nothing of what is told, so the ways take turns.
test.for<['frame' | 'page', string, string, Fault, string]>([
  ['frame', 'a connection that breaks', exchange, { kind: 'drop' }, 'network'],
  ['page', 'a server that is down', exchange, { status: 503 }, 'provider_unavailable'],
  ['frame', 'a proxy’s page in place of JSON', exchange, { kind: 'html' }, 'provider_answer'],
  ['page', 'an answer of ten megabytes', exchange, { kind: 'huge' }, 'provider_answer'],
  ['frame', 'too many requests', membership, { kind: 'rate_limited' }, 'rate_limited'],
])(
  'in %s mode, %s after the scan is told',
  async ([embed, , endpoint, fault, errorCode], { dingtalk, machine, visitors }) => {
    const page = await visitors.open((await machine.app({ embed })).link)
    const scan = await code(page, embed)
    await dingtalk.fault(endpoint, fault)
    await dingtalk.confirm(scan, 'zhang01')
    await problem(page, errorCode)

    await dingtalk.heal()
    await again(page).click()
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await heading(page, `${zh.welcome.greeting} 张三`)
  },
)

describe.each(['frame', 'page'] as const)('in %s mode', (embed) => {
  test('a DingTalk that dies after the scan is told', async ({ dingtalk, machine, visitors }) => {
    await dingtalk.fault(exchange, { kind: 'hang' })
    const page = await visitors.open((await machine.app({ embed })).link)
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await view(page, 'working')
    await heading(page, zh.working.title)
    await dingtalk.stop()
    await offline(page)
  })

  test('a permission that is missing is named for the administrator', async ({
    dingtalk,
    machine,
    visitors,
  }) => {
    await dingtalk.set({ permissions: ['Contact.User.Read', 'Contact.User.mobile'] })
    const page = await visitors.open((await machine.app({ embed })).link)
    await dingtalk.confirm(await code(page, embed), 'zhang01')
    await problem(page, 'permission_missing')
    await page.getByText(zh.problem.detail).click()
    expect(await page.locator('.detail code').innerText()).toContain('qyapi_get_member')
  })

  test('a wrong secret is told before anyone can scan', async ({ machine, visitors }) => {
    const env = { DINGPASS_CLIENT_SECRET: 'not-the-secret' }
    const core = await machine.app({ embed, env })
    await core.over()
    const page = await visitors.open(core.link)
    await problem(page, 'app_misconfigured')
    expect(await page.locator('iframe').count()).toBe(0)
    expect(await page.content()).not.toContain('not-the-secret')
  })
})

// kubelogin #826, openhuman PR #3904: a taken port is an error here, and no
// riddle at DingTalk or a code sent to another program.
test('a taken port ends the command before there is any page', async ({ machine }) => {
  const { origin } = await machine.app()
  const second = machine.run(['login', '--json'], { env: { DINGPASS_REDIRECT: `${origin}/callback` } })
  expect(await second.exit).toBe(2)
  expect(second.printed.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ event: 'failed', code: 'redirect_misconfigured' }),
  ])
})
