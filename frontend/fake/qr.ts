// What DingTalk's frame would post to the page around it (h5-dingtalk-login
// 0.21.0). A click on the code is the scan; `?trouble` cannot go on at once.
// It speaks the language of the page around it, as DingTalk's speaks the browser's.
const { origin, search } = window.location

function post(message: object): void {
  window.parent.postMessage(message, origin)
}

document.getElementById('scan')?.addEventListener('click', () => {
  post({ success: true, redirectUrl: `${origin}/callback?authCode=fake&code=fake&state=fake` })
})

const around = window.parent.document.documentElement
const speak = () => (document.documentElement.lang = around.lang)
new MutationObserver(speak).observe(around, { attributeFilter: ['lang'] })
speak()

if (search === '?trouble') post({ success: false, errorMsg: 'Browser not support' })

export {}
