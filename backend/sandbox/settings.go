package sandbox

import (
	"bytes"
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
	PermitMember     = "qyapi_get_member"
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
	ContactScope        []int64  `json:"contact_scope"`  // departments whose people the app may read; empty: all
	AllowedIPs          []string `json:"allowed_ips"`    // the app's IP white list; empty: any
	AnswerCorpID        string   `json:"answer_corp_id"` // user tokens carry this company, whatever was chosen

	CodeLifetime     time.Duration `json:"-"` // of a QR: code_lifetime
	AuthCodeLifetime time.Duration `json:"-"` // of a one-time code: auth_code_lifetime
	ClockSkew        time.Duration `json:"-"` // added to the Date header: clock_skew
}

// spans are the durations of Settings in JSON.
type spans struct {
	CodeLifetime     string `json:"code_lifetime"`
	AuthCodeLifetime string `json:"auth_code_lifetime"`
	ClockSkew        string `json:"clock_skew"`
}

type plainSettings Settings

// MarshalJSON writes the durations as strings.
func (s Settings) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		plainSettings
		spans
	}{plainSettings(s), spans{s.CodeLifetime.String(), s.AuthCodeLifetime.String(), s.ClockSkew.String()}})
}

// UnmarshalJSON changes the fields that are there and keeps the others.
func (s *Settings) UnmarshalJSON(data []byte) error {
	wire := struct {
		*plainSettings
		spans
	}{plainSettings: (*plainSettings)(s)}
	if err := strictJSON(data, &wire); err != nil {
		return err
	}
	return errors.Join(
		readSpan("code_lifetime", wire.spans.CodeLifetime, &s.CodeLifetime),
		readSpan("auth_code_lifetime", wire.spans.AuthCodeLifetime, &s.AuthCodeLifetime),
		readSpan("clock_skew", wire.spans.ClockSkew, &s.ClockSkew),
	)
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
	if s.CodeLifetime <= 0 || s.AuthCodeLifetime <= 0 {
		problems = append(problems, errors.New("code_lifetime, auth_code_lifetime: must be more than nothing"))
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
