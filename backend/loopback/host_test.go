package loopback_test

import "testing"

// A1, row «right code+state but Host: evil.example»: all six peers accept it,
// and a rebound name could read what comes after.
func TestA1_TheHostMustBeOurs(t *testing.T) {
	t.Parallel()
	host := func(value string) []string { return []string{"GET " + genuine + " HTTP/1.1", "Host: " + value} }
	harmless(t, []hostile{
		{"another name", host("evil.example"), 421},
		{"another name with our port", host("evil.example:{port}"), 421},
		{"our address as a subdomain", host("127.0.0.1.evil.example:{port}"), 421},
		{"our address as the user of another", host("127.0.0.1@evil.example:{port}"), 400},
		{"an empty host", host(""), 421},
		{"no host", []string{"GET " + genuine + " HTTP/1.1"}, 400},
		{"two hosts", []string{"GET " + genuine + " HTTP/1.1", "Host: {host}", "Host: evil.example"}, 400},
		{"another port", host("127.0.0.1:1"), 421},
		{"no port", host("127.0.0.1"), 421},
		{"localhost, which is not what was registered", host("localhost:{port}"), 421},
		{"a dot after the address", host("127.0.0.1.:{port}"), 421},
		{"another loopback address", host("127.0.0.2:{port}"), 421},
		{"the address as one number", host("2130706433:{port}"), 421},
		{"the address within IPv6", host("[::ffff:127.0.0.1]:{port}"), 421},
		{"a forwarded host", append(host("evil.example"), "X-Forwarded-Host: {host}", "Forwarded: host={host}"), 421},
		{"an absolute target of another host", []string{"GET http://evil.example" + genuine + " HTTP/1.1", "Host: {host}"}, 421},
		{"an absolute target with our address as its user", []string{"GET http://{host}@evil.example" + genuine + " HTTP/1.1", "Host: {host}"}, 421},
		{"the interface under another name", []string{"GET / HTTP/1.1", "Host: evil.example", "Cookie: {cookie}"}, 421},
		{"the snapshot under another name", []string{"GET /api/snapshot HTTP/1.1", "Host: evil.example:{port}", "Cookie: {cookie}"}, 421},
		{"the way to DingTalk under another name", []string{"GET /login/start HTTP/1.1", "Host: evil.example", "Cookie: {cookie}"}, 421},
		{"a POST under another name", []string{"POST /api/login/cancel HTTP/1.1", "Host: evil.example", "Origin: http://evil.example", "Cookie: {cookie}", "Content-Length: 0"}, 421},
	})
}

// RFC 9112, 3.2.2: a server has to accept the absolute form too.
func TestAnAbsoluteTargetOfOurOwnIsACallback(t *testing.T) {
	t.Parallel()
	newSite(t).signInAt("{origin}" + genuine)
}
