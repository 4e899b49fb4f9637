// What DingTalk's frame would post to the page around it (h5-dingtalk-login
// 0.21.0). A click on the code is the scan; `?trouble` cannot go on at once.
const { origin, search } = window.location

function post(message: object): void {
  window.parent.postMessage(message, origin)
}

document.getElementById('scan')?.addEventListener('click', () => {
  post({ success: true, redirectUrl: `${origin}/callback?authCode=fake&code=fake&state=fake` })
})

if (search === '?trouble') post({ success: false, errorMsg: 'Browser not support' })

export {}
