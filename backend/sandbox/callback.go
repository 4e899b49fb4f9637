package sandbox

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// registration is where the app wants its events (contract 8.5), or where the
// console says that they go.
type registration struct {
	Tags   []string // the console's may have none, which is all
	Token  string
	AESKey string
	URL    string
	sealer sealer
	older  bool // events in the older form
}

// callbacks holds the app's only registration, the console's subscription, and
// what could not be delivered to either.
type callbacks struct {
	mu      sync.Mutex
	reg     *registration
	console *registration
	failed  []occasion
}

// maxFailed is how many failures one call reads, and forgets.
const maxFailed = 200

// listener is who wants an event: the console's subscription, where both do.
// What DingTalk does then is not documented.
func (c *callbacks) listener(tag string) (registration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.console != nil && (len(c.console.Tags) == 0 || slices.Contains(c.console.Tags, tag)):
		return *c.console, true
	case c.reg != nil && slices.Contains(c.reg.Tags, tag):
		return *c.reg, true
	}
	return registration{}, false
}

// any says whether there is an address at all.
func (c *callbacks) any() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reg != nil || c.console != nil
}

// callbackTags are the events that can be registered for.
var callbackTags = []string{
	"user_add_org", "user_modify_org", "user_leave_org", "user_active_org", "org_admin_add", "org_admin_remove",
	"org_dept_create", "org_dept_modify", "org_dept_remove", "org_change", "org_remove",
	"label_user_change", "label_conf_add", "label_conf_del", "label_conf_modify",
}

// The test of an address, and what it wants to hear.
const (
	checkURL = `{"EventType":"check_url"}`
	success  = "success"
)

var (
	tokenForm  = regexp.MustCompile(`^[A-Za-z0-9]{6,63}$`)
	aesKeyForm = regexp.MustCompile(`^[A-Za-z0-9]{43}$`)

	errURLExists  = &topError{71006, "回调地址已经存在", false}
	errURLMissing = &topError{71007, "回调地址不存在", false}
	errURLTag     = &topError{71008, "不合法的回调类型", false}
	errURLReply   = &topError{71009, "回调地址返回的不是加密的success", false}
	errURLReach   = &topError{71012, "回调地址无法访问", false}
	errURLBlocked = &topError{71013, "回调地址不允许访问", false}
)

// readRegistration checks what is registered. The owner of what is encrypted is
// the company, not the app.
func (s *Sandbox) readRegistration(in arguments) (registration, *topError) {
	var reg registration
	var ok [3]bool
	reg.Token, ok[0] = in.text("token")
	reg.AESKey, ok[1] = in.text("aes_key")
	reg.URL, ok[2] = in.text("url")
	tags, listed := in["call_back_tag"].([]any)
	if slices.Contains(ok[:], false) || !listed || len(tags) == 0 || !tokenForm.MatchString(reg.Token) || !aesKeyForm.MatchString(reg.AESKey) || reg.URL == "" {
		return reg, errBadParameter
	}
	for _, tag := range tags {
		name, _ := tag.(string)
		if !slices.Contains(callbackTags, name) {
			return reg, errURLTag
		}
		reg.Tags = append(reg.Tags, name)
	}
	sealer, err := newSealer(reg.Token, reg.AESKey, s.App().CorpID)
	if err != nil {
		return reg, errBadParameter
	}
	reg.sealer = sealer
	return reg, nil
}

func (s *Sandbox) registerCallback(in arguments) (map[string]any, *topError) {
	return s.saveCallback(in, false)
}

func (s *Sandbox) updateCallback(in arguments) (map[string]any, *topError) {
	return s.saveCallback(in, true)
}

// saveCallback asks the address with check_url before it is kept.
func (s *Sandbox) saveCallback(in arguments, exists bool) (map[string]any, *topError) {
	reg, err := s.readRegistration(in)
	if err != nil {
		return nil, err
	}
	if err := s.callbacks.expects(exists); err != nil {
		return nil, err
	}
	if err := s.post(s.staff.ctx, reg, checkURL, success); err != nil {
		return nil, err
	}
	return map[string]any{}, s.callbacks.keep(&reg, exists)
}

// expects says what is wrong where there is a registration, or none.
func (c *callbacks) expects(exists bool) *topError {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case exists && c.reg == nil:
		return errURLMissing
	case !exists && c.reg != nil:
		return errURLExists
	}
	return nil
}

// keep stores the registration, unless another came between: the address was
// asked meanwhile.
func (c *callbacks) keep(reg *registration, exists bool) *topError {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reg != nil && !exists {
		return errURLExists
	}
	c.reg = reg
	return nil
}

func (s *Sandbox) getCallback(arguments) (map[string]any, *topError) {
	s.callbacks.mu.Lock()
	defer s.callbacks.mu.Unlock()
	reg := s.callbacks.reg
	if reg == nil {
		return nil, errURLMissing
	}
	return map[string]any{"call_back_tag": reg.Tags, "token": reg.Token, "aes_key": reg.AESKey, "url": reg.URL}, nil
}

func (s *Sandbox) deleteCallback(arguments) (map[string]any, *topError) {
	s.callbacks.mu.Lock()
	defer s.callbacks.mu.Unlock()
	if s.callbacks.reg == nil {
		return nil, errURLMissing
	}
	s.callbacks.reg = nil
	return map[string]any{}, nil
}

// failedCallbacks reads what could not be delivered, and forgets what it read.
func (s *Sandbox) failedCallbacks(arguments) (map[string]any, *topError) {
	s.callbacks.mu.Lock()
	defer s.callbacks.mu.Unlock()
	n := min(len(s.callbacks.failed), maxFailed)
	list := []map[string]any{}
	for _, f := range s.callbacks.failed[:n] {
		what := map[string]any{"corpid": f.corp}
		for name, value := range f.Fields {
			what[strings.ToLower(name)] = value
		}
		list = append(list, map[string]any{f.Type: what, "call_back_tag": f.Type, "event_time": f.born.UnixMilli()})
	}
	s.callbacks.failed = slices.Clone(s.callbacks.failed[n:])
	return map[string]any{"has_more": len(s.callbacks.failed) > 0, "failed_list": list}, nil
}
