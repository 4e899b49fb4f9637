package sandbox

import (
	"errors"
	"time"
)

// noLoginLifetime is documented, unlike the lifetime of the other codes.
const noLoginLifetime = 5 * time.Minute

// NoLoginCode makes the code that dd.requestAuthCode gives a page inside
// DingTalk (免登): good once, for five minutes, and for getuserinfo only. It
// returns ErrNoPerson, or an error for who is no member of the app's company.
func (s *Sandbox) NoLoginCode(userID string) (string, error) {
	p, err := s.Person(userID)
	if err != nil {
		return "", err
	}
	if p.External || !s.member(p) {
		return "", errors.New("this person is no member of the app's company")
	}
	return s.mint.issue(&s.mint.noLogin, grant{UserID: userID, CorpID: s.App().CorpID}, noLoginLifetime), nil
}

// entry spends a no-login code. A code of another kind is answered like one
// that never was: 40078 (contract 5.2).
func (s *Sandbox) entry(in arguments) (Person, *topError) {
	code, ok := in.text("code")
	if !ok || code == "" {
		return Person{}, &topError{41026, "缺少tmp_auth_code参数", false}
	}
	g, ok := s.mint.spend(&s.mint.noLogin, code)
	if !ok {
		return Person{}, errTmpCode
	}
	p, ok := s.people.byUserID(g.UserID)
	if !ok || !s.member(p) {
		return Person{}, errNoMember
	}
	return p, nil
}

var errTmpCode = &topError{40078, "不存在的临时授权码", false}

// getUserInfo tells who opened the page (contract 5.2).
func (s *Sandbox) getUserInfo(in arguments) (any, *topError) {
	p, err := s.entry(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"userid": p.UserID, "unionid": p.UnionID, "associated_unionid": scramble("associated " + p.UserID),
		"name": p.Name, "device_id": scramble("device " + p.UserID), "sys": p.sysLevel() > 0, "sys_level": p.sysLevel(),
	}, nil
}

// legacyUserInfo is getUserInfo's predecessor.
func (s *Sandbox) legacyUserInfo(in arguments) (map[string]any, *topError) {
	p, err := s.entry(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"userid": p.UserID, "name": p.Name, "deviceId": scramble("device " + p.UserID),
		"is_sys": p.sysLevel() > 0, "sys_level": p.sysLevel(),
	}, nil
}

// sysLevel is DingTalk's number for an administrator: 1 the main one, 100 the
// boss, 0 everyone else.
func (p Person) sysLevel() int {
	switch {
	case p.Admin:
		return 1
	case p.Boss:
		return 100
	}
	return 0
}
