package loopback_test

import (
	"strings"
	"testing"
)

// T41: dws PR #799: error texts printed tokens, the state and bodies. A sign-in
// with all its by-ways, and then nothing planted is found in a log line, and in
// no answer but the one it is for.
func TestT41_NothingSecretIsToldOrLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := strings.TrimPrefix(s.server.Link(), s.origin)
	s.get(link)
	s.launch()
	var states []string
	state := func() string { states = append(states, s.state()); return states[len(states)-1] }

	s.get("/callback?code={forged}&state=" + state() + "x")
	s.get("/callback?error=refusal-canary&state={wrong}")
	s.get("/callback?code=%qx&state={wrong}")
	s.get("/callback?code={forged}&authCode={code}&state={state}")
	s.get("/callback?error=refusal-canary&error_description=refusal-canary&state={state}")
	s.settled()
	s.post("/api/login", "", ours...)
	state()
	s.get("/api/snapshot", ours...)
	s.signIn()
	s.get("/callback?code={code}&state=" + states[1])
	s.get("/callback?code={forged}&state=" + states[1])
	s.get("/", ours...)
	s.get("/api/snapshot", ours...)
	page := s.follow()
	page.next()
	page.close()
	s.service.Close() // ends the next stream, so that all of it is read
	s.get("/api/events", ours...)
	s.end()

	_, cookie, _ := strings.Cut(s.cookie, "=")
	told := strings.ReplaceAll(s.told.String(), "Set-Cookie: "+s.cookie, "")
	for name, canary := range map[string]string{
		"the genuine code": genuineCode, "a forged code": forgedCode, "the first state": states[0],
		"the second state": states[1], "the phone number": mobile, "the digits of the phone number": "13812345678",
		"the union id": unionID, "the words of a refusal": "refusal-canary", "a broken encoding": "%qx", "a launch token": strings.TrimPrefix(link, "/open/"),
		"the launch cookie": cookie,
	} {
		if strings.Contains(told, canary) {
			t.Errorf("%s is in an answer", name)
		}
		if strings.Contains(s.logs.String(), canary) {
			t.Errorf("%s is in the log", name)
		}
	}
	if !strings.Contains(told, "张三") || !strings.Contains(s.logs.String(), "callback refused") {
		t.Error("nothing was heard at all; this test looks at the wrong place")
	}
}
