package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// The permissions that an administrator gives an app in DingTalk's console.
// The last two stand for the console's field permissions 企业员工手机号信息 and
// 邮箱等个人信息, which have no name on the wire.
const (
	PermitReadSelf   = "Contact.User.Read"
	PermitReadMobile = "Contact.User.mobile"
	PermitBase       = "qyapi_base"
	PermitMember     = "qyapi_get_member"
	PermitByMobile   = "qyapi_get_member_by_mobile"
	PermitDepts      = "qyapi_get_department_list"
	PermitDeptMember = "qyapi_get_department_member"
	PermitSignOut    = "Contact.OrgAccountSecurity.ReadWrite"
	PermitMobile     = "field.mobile"
	PermitEmail      = "field.email"
)

// Refusal says what DingTalk's page does when the person refuses. DingTalk
// documents an error parameter and none of its values, and no captured refusal
// is public, so a client has to work with each.
type Refusal string

// The refusals.
const (
	RefusalRedirect Refusal = "redirect" // redirect_uri?error=…&state=…, as the documentation has it
	RefusalMessage  Refusal = "message"  // the frame posts {success:false,errorMsg}; the page goes nowhere
	RefusalSilent   Refusal = "none"     // nobody is told
)

// Settings are what may change while the sandbox runs. In JSON, durations are
// strings like "5m".
type Settings struct {
	RegisteredRedirects []string `json:"registered_redirects"`
	FrameNeedsCookie    bool     `json:"frame_needs_cookie"` // the framed page sees a scan only when its cookie comes back
	Refusal             Refusal  `json:"refusal"`
	RefusalError        string   `json:"refusal_error"` // the value of error= under RefusalRedirect
	Permissions         []string `json:"permissions"`
	ContactScope        []int64  `json:"contact_scope"`  // departments that the app may read, with all below them; empty: everyone
	AllowedIPs          []string `json:"allowed_ips"`    // the app's IP white list; empty: any
	AnswerCorpID        string   `json:"answer_corp_id"` // user tokens carry this company, whatever was chosen

	RateLimit int       `json:"rate_limit"` // calls a second of each API; 0: any number
	IPLimit   int       `json:"ip_limit"`   // calls in 20 seconds from one address, before it is shut out for 5 minutes; 0: any number
	GuardBody GuardBody `json:"guard_body"` // what an address that is shut out gets: json or html

	CodeLifetime     time.Duration `json:"-"` // of a QR: code_lifetime
	AuthCodeLifetime time.Duration `json:"-"` // of a one-time code: auth_code_lifetime
	TokenLifetime    time.Duration `json:"-"` // of every token but the next: token_lifetime
	RefreshLifetime  time.Duration `json:"-"` // of a refresh token: refresh_lifetime
	AckWait          time.Duration `json:"-"` // after which an event is sent again over Stream: ack_wait
	PingInterval     time.Duration `json:"-"` // between two pings over Stream: ping_interval
	ClockSkew        time.Duration `json:"-"` // added to the Date header: clock_skew
}

// spans names the durations in JSON.
func (s *Settings) spans() map[string]*time.Duration {
	return map[string]*time.Duration{
		"code_lifetime":      &s.CodeLifetime,
		"auth_code_lifetime": &s.AuthCodeLifetime,
		"token_lifetime":     &s.TokenLifetime,
		"refresh_lifetime":   &s.RefreshLifetime,
		"clock_skew":         &s.ClockSkew,
		"ack_wait":           &s.AckWait,
		"ping_interval":      &s.PingInterval,
	}
}

type plainSettings Settings

// MarshalJSON writes the durations as strings.
func (s Settings) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(plainSettings(s))
	if err != nil {
		return nil, err
	}
	var wire map[string]any
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber() // a department's number stays what it is
	if err := decoder.Decode(&wire); err != nil {
		return nil, err
	}
	for key, span := range s.spans() {
		wire[key] = span.String()
	}
	return json.Marshal(wire)
}

// UnmarshalJSON changes the fields that are there and keeps the others.
func (s *Settings) UnmarshalJSON(data []byte) error {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(data, &sent); err != nil {
		return err
	}
	for key, span := range s.spans() {
		raw, ok := sent[key]
		if !ok {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("%s: not a duration like 5m", key)
		}
		if err := readSpan(key, text, span); err != nil {
			return err
		}
		delete(sent, key)
	}
	plain, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	return strictJSON(plain, (*plainSettings)(s))
}

func readSpan(key, text string, into *time.Duration) error {
	if text == "" {
		return nil
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%s: not a duration like 5m", key)
	}
	*into = span
	return nil
}

// strictJSON refuses a key that does not exist: a misspelt fault that does
// nothing would make a test pass for no reason.
func strictJSON(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// settings are those that the sandbox starts with.
func (o Options) settings() Settings {
	return Settings{
		RegisteredRedirects: slices.Clone(o.RegisteredRedirects),
		FrameNeedsCookie:    o.FrameNeedsCookie,
		Refusal:             RefusalRedirect,
		RefusalError:        "access_denied",
		Permissions: []string{
			PermitReadSelf, PermitReadMobile, PermitBase, PermitMember, PermitByMobile,
			PermitDepts, PermitDeptMember, PermitSignOut, PermitMobile, PermitEmail,
		},
		GuardBody:        GuardJSON,
		CodeLifetime:     cmp.Or(o.CodeLifetime, 5*time.Minute),
		AuthCodeLifetime: cmp.Or(o.AuthCodeLifetime, 5*time.Minute),
		TokenLifetime:    2 * time.Hour,
		RefreshLifetime:  30 * 24 * time.Hour,
		AckWait:          time.Minute, PingInterval: time.Minute,
	}
}

func (s Settings) check() error {
	var problems []error
	for _, registered := range s.RegisteredRedirects {
		if u, err := url.Parse(registered); err != nil || u.Host == "" {
			problems = append(problems, fmt.Errorf("registered_redirects: %q is no http address", registered))
		}
	}
	if !slices.Contains([]Refusal{RefusalRedirect, RefusalMessage, RefusalSilent}, s.Refusal) {
		problems = append(problems, fmt.Errorf("refusal: %q is none of redirect, message, none", s.Refusal))
	}
	if s.RateLimit < 0 || s.IPLimit < 0 {
		problems = append(problems, errors.New("rate_limit, ip_limit: must not be less than nothing"))
	}
	if s.GuardBody != GuardJSON && s.GuardBody != GuardHTML {
		problems = append(problems, fmt.Errorf("guard_body: %q is neither json nor html", s.GuardBody))
	}
	for _, lifetime := range []time.Duration{s.CodeLifetime, s.AuthCodeLifetime, s.TokenLifetime, s.RefreshLifetime, s.AckWait, s.PingInterval} {
		if lifetime <= 0 {
			problems = append(problems, errors.New("every lifetime, ack_wait, ping_interval: must be more than nothing"))
			break
		}
	}
	return errors.Join(problems...)
}

func (s Settings) permits(permission string) bool { return slices.Contains(s.Permissions, permission) }

// Settings returns a copy of the present settings.
func (s *Sandbox) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.clone()
}

// Change edits the settings in one step, or returns what is wrong with the
// result and changes nothing.
func (s *Sandbox) Change(edit func(*Settings)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.settings.clone()
	edit(&next)
	if err := next.check(); err != nil {
		return err
	}
	s.settings = next.clone()
	return nil
}

// SetClientSecret replaces the app's secret, as an administrator does in the
// console. Tokens that were issued stay valid.
func (s *Sandbox) SetClientSecret(text secret.Text) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.ClientSecret = text
}

func (s Settings) clone() Settings {
	s.RegisteredRedirects = slices.Clone(s.RegisteredRedirects)
	s.Permissions = slices.Clone(s.Permissions)
	s.ContactScope = slices.Clone(s.ContactScope)
	s.AllowedIPs = slices.Clone(s.AllowedIPs)
	return s
}
