// A click on the code is the scan: the page around gets what DingTalk's frame
// would post to it (h5-dingtalk-login 0.21.0).
document.getElementById('scan')?.addEventListener('click', () => {
  const { origin } = window.location
  const redirectUrl = `${origin}/callback?authCode=fake&code=fake&state=fake`
  window.parent.postMessage({ success: true, redirectUrl }, origin)
})
