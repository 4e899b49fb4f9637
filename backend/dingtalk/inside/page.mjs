// Signs a person in inside the DingTalk app. The page's body says how far it
// is in data-state: asking, signed_in, or failed with the reason in
// data-reason: outside (this is not the DingTalk app), no_code, refused or
// network.

const patience = 10_000 // ms; an app that does not know a call may never answer

// ask makes one JSAPI call and takes its first answer.
function ask(call, params) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), patience)
    const end = (settle) => (answer) => {
      clearTimeout(timer)
      settle(answer)
    }
    const done = { ...params, onSuccess: end(resolve), onFail: end(() => reject(new Error('refused'))) }
    try {
      // Newer versions also return a promise; the callbacks say the same.
      call(done)?.catch?.(() => {})
    } catch {
      done.onFail()
    }
  })
}

// requestCode asks for a one-time code: by the call of today, then by the older
// one, which takes no clientId.
export async function requestCode(dd, corpId, clientId) {
  const permission = dd.runtime?.permission
  const ways = []
  if (dd.requestAuthCode) ways.push(() => ask((p) => dd.requestAuthCode(p), { corpId, clientId }))
  if (permission?.requestAuthCode) ways.push(() => ask((p) => permission.requestAuthCode(p), { corpId }))
  for (const way of ways) {
    try {
      const { code } = await way()
      if (code) return code
    } catch {
      // The next way, if there is one.
    }
  }
  return ''
}

// signIn goes from nothing to data-state.
export async function signIn({ dd, body, post }) {
  const fail = (reason) => Object.assign(body.dataset, { state: 'failed', reason })
  if (!dd) return fail('outside')
  const code = await requestCode(dd, body.dataset.corp, body.dataset.client)
  if (!code) return fail('no_code')
  try {
    const answer = await post(body.dataset.post, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
      credentials: 'same-origin',
      redirect: 'error',
    })
    if (!answer.ok) return fail('refused')
  } catch {
    return fail('network')
  }
  body.dataset.state = 'signed_in'
}

if (globalThis.document) {
  await signIn({ dd: globalThis.dd, body: document.body, post: (...request) => fetch(...request) })
}
