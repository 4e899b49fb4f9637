import { describe, expect, test } from 'vitest'
import { frameAnswer, pastedAnswer } from './answer.ts'

const own = 'http://127.0.0.1:18080'
const origin = 'https://login.dingtalk.com'
const source = {} as Window
const expected = { origin, source, own }
const redirectUrl = `${own}/callback?authCode=c&code=c&state=s`
const good = { origin, source, data: { success: true, redirectUrl } }

describe('a message from a window', () => {
  test('of DingTalk in our frame is the answer', () => {
    const answer = frameAnswer(good, expected)
    expect(answer).toEqual({ kind: 'answer', url: new URL(redirectUrl) })
  })

  test('may name any path of our own: the core knows which one is configured', () => {
    const data = { success: true, redirectUrl: `${own}/ding/back?code=c&state=s` }
    expect(frameAnswer({ ...good, data }, expected).kind).toBe('answer')
  })

  test('of DingTalk that it cannot go on is trouble', () => {
    const data = { success: false, errorMsg: 'Browser not support' }
    expect(frameAnswer({ ...good, data }, expected)).toEqual({ kind: 'trouble' })
  })

  // EasyPubMed #38, MaxKB PR #4526
  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that only starts like DingTalk', { origin: 'https://login.dingtalk.com.evil.example' }],
    ['an origin that only ends like DingTalk', { origin: 'https://notlogin.dingtalk.com' }],
    ['DingTalk without TLS', { origin: 'http://login.dingtalk.com' }],
    ['our own origin', { origin: own }],
    ['an opaque origin', { origin: 'null' }],
    ['no origin', { origin: '' }],
    ['another window', { source: {} as Window }],
    ['no window', { source: null }],
    ['a plain string, as the old widget sends', { data: 'loginTmpCode' }],
    ['a JSON string', { data: JSON.stringify(good.data) }],
    ['nothing', { data: null }],
    ['an array', { data: [true, redirectUrl] }],
    ['an empty object', { data: {} }],
    ['no address', { data: { success: true } }],
    ['an address that is no string', { data: { success: true, redirectUrl: { href: redirectUrl } } }],
    ['an address that is none', { data: { success: true, redirectUrl: 'callback?code=c' } }],
    ['success that is not true', { data: { success: 'true', redirectUrl } }],
    ['failure with an address', { data: { success: false, redirectUrl } }],
    ['an address of another site', { data: { success: true, redirectUrl: 'https://evil.example/callback' } }],
    ['an address of another port', { data: { success: true, redirectUrl: 'http://127.0.0.1:1/callback' } }],
    [
      'an address with another scheme',
      { data: { success: true, redirectUrl: redirectUrl.replace('http', 'https') } },
    ],
    ['an address that runs a script', { data: { success: true, redirectUrl: 'javascript:alert(1)' } }],
    [
      'an address that hides its host',
      { data: { success: true, redirectUrl: `${own}@evil.example/callback` } },
    ],
  ])('with %s is ignored', (_, change) => {
    expect(frameAnswer({ ...good, ...change }, expected)).toEqual({ kind: 'ignored' })
  })

  test('is ignored where the frame is gone and the message has no source either', () => {
    expect(frameAnswer({ ...good, source: null }, { ...expected, source: null }).kind).toBe('ignored')
  })
})

// django-bolt #307, cli/cli PR #650
describe('a pasted address', () => {
  const page = new URL(`${own}/`)

  test.each([
    ['that became https', 'https://127.0.0.1:18080/callback?authCode=c&state=s'],
    ['as it was sent', redirectUrl],
    ['with space around it', `  ${redirectUrl}\n`],
    ['with a refusal', `${own}/callback?error=access_denied&state=s`],
    ['with another configured path', 'https://127.0.0.1:18080/ding/back?code=c&state=s'],
  ])('%s is the answer, under our own scheme', (_, text) => {
    const answer = pastedAnswer(text, page)
    expect(answer?.origin).toBe(own)
    expect(answer?.searchParams.get('state')).toBe('s')
  })

  test('keeps its host when its path looks like one', () => {
    const answer = pastedAnswer('https://127.0.0.1:18080//evil.example/callback?code=c&state=s', page)
    expect(answer?.href).toBe('http://127.0.0.1:18080//evil.example/callback?code=c&state=s')
  })

  test.each([
    ['nothing', ''],
    ['words', 'the page does not open'],
    ['another host', 'https://evil.example/callback?code=c&state=s'],
    ['another port', 'https://127.0.0.1:18081/callback?code=c&state=s'],
    ['no port', 'https://127.0.0.1/callback?code=c&state=s'],
    ['a hidden host', 'https://127.0.0.1:18080@evil.example/callback?code=c&state=s'],
    ['a user', 'https://me@127.0.0.1:18080/callback?code=c&state=s'],
    ['no state', `${own}/callback?code=c`],
    ['no code', `${own}/callback?state=s`],
    ['our own page', `${own}/`],
    ['a script', 'javascript:alert(1)'],
  ])('with %s is refused', (_, text) => {
    expect(pastedAnswer(text, page)).toBeNull()
  })
})
