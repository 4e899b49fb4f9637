// The page's script with a scripted dd. A Go test runs this.
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { requestCode, signIn } from '../page.mjs'

const succeeds = (code, seen) => (p) => { seen?.push(p); p.onSuccess({ code }) }
const fails = (p) => p.onFail({ errorCode: 3 })
const throws = () => { throw new Error('not supported') }
const older = (call) => ({ runtime: { permission: { requestAuthCode: call } } })

test('the call of today gets company and app', async () => {
  const seen = []
  assert.equal(await requestCode({ requestAuthCode: succeeds('c1', seen), ...older(succeeds('c2')) }, 'ding0a1b', 'dingabc'), 'c1')
  assert.deepEqual([seen[0].corpId, seen[0].clientId], ['ding0a1b', 'dingabc'])
})

for (const [name, dd] of Object.entries({
  'is not there': older(succeeds('c2')),
  'refuses': { requestAuthCode: fails, ...older(succeeds('c2')) },
  'throws': { requestAuthCode: throws, ...older(succeeds('c2')) },
  'has an empty code': { requestAuthCode: succeeds(''), ...older(succeeds('c2')) },
  'rejects its promise': { requestAuthCode: (p) => { p.onFail({}); return Promise.reject(new Error('x')) }, ...older(succeeds('c2')) },
})) {
  test(`the older call stands in where the other ${name}`, async () => assert.equal(await requestCode(dd, 'ding0a1b', 'dingabc'), 'c2'))
}

test('a call that never answers is given up', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const code = requestCode({ requestAuthCode: () => {}, ...older(succeeds('c2')) }, 'ding0a1b', 'dingabc')
  mock.timers.tick(10_000)
  assert.equal(await code, 'c2')
  mock.timers.reset()
})

async function run(dd, answer) {
  const body = { dataset: { corp: 'ding0a1b', client: 'dingabc', post: '/inside', state: 'asking' } }
  const posted = []
  await signIn({ dd, body, post: async (url, request) => { posted.push([url, request]); return answer() } })
  return { state: body.dataset.state, reason: body.dataset.reason, posted }
}

test('the code is posted once, in the body', async () => {
  const { state, posted } = await run({ requestAuthCode: succeeds('c1') }, () => ({ ok: true }))
  assert.equal(state, 'signed_in')
  assert.equal(posted.length, 1)
  assert.equal(posted[0][0], '/inside')
  assert.deepEqual(JSON.parse(posted[0][1].body), { code: 'c1' })
})

for (const [reason, dd, answer, posts] of [
  ['outside', undefined, () => ({ ok: true }), 0],
  ['no_code', {}, () => ({ ok: true }), 0],
  ['no_code', { requestAuthCode: fails }, () => ({ ok: true }), 0],
  ['refused', { requestAuthCode: succeeds('c1') }, () => ({ ok: false }), 1],
  ['network', { requestAuthCode: succeeds('c1') }, () => { throw new TypeError('x') }, 1],
]) {
  test(`it says ${reason}`, async () => {
    const got = await run(dd, answer)
    assert.deepEqual([got.state, got.reason, got.posted.length], ['failed', reason, posts])
  })
}
