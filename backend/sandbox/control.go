package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// control adds the routes of /_control/: JSON in, JSON out. Each does what a
// method of Sandbox does.
//
//	GET    /_control/state                 people, faults, settings, codes shown, calls counted
//	GET    /_control/people?q=&offset=&limit=
//	GET    /_control/people/{userid}
//	POST   /_control/people                adds or replaces a Person
//	PUT    /_control/people/{userid}       changes the fields that are sent
//	DELETE /_control/people/{userid}
//	GET    /_control/departments?parent=1
//	POST   /_control/departments           adds or replaces a Department
//	DELETE /_control/departments/{id}
//	POST   /_control/faults                {"endpoint":"/gettoken","faults":[{"status":503,"times":1}]}
//	DELETE /_control/faults                all, or ?endpoint=
//	POST   /_control/settings              changes the fields that are sent; also "client_secret", "suite_ticket"
//	POST   /_control/tokens                {"action":"rotate"|"expire"}
//	POST   /_control/codes                 {"action":"expire"}, or {"action":"no_login"|"sso","userid":"li02"}; answers {"code":…}
//	GET    /_control/events                those that no Stream client has acknowledged
//	POST   /_control/events                {"type":"user_leave_org","fields":{"userId":["zhang01"]}}; answers {"event_id":…}
//	POST   /_control/subscription          {"by":"app"|"new_suite"|"suite","url":…,"token":…,"aes_key":…,"events":[…],"older":true}
//	DELETE /_control/subscription
//	POST   /_control/calls                 {"topic":"/v1.0/im/bot/messages/get","data":{…}}; answers the client's {"code":200,"data":…}
//	POST   /_control/stream                {"action":"disconnect"|"drop"|"ping","reason":…}
//	POST   /_control/clock                 {"advance":"10m"}; answers {"now":…}
func (s *Sandbox) control(mux *http.ServeMux) {
	for pattern, do := range map[string]func(*http.Request) (any, error){
		"GET /_control/state":               s.controlState,
		"GET /_control/people":              s.controlPeople,
		"POST /_control/people":             s.controlAdd,
		"GET /_control/people/{userid}":     s.controlPerson,
		"PUT /_control/people/{userid}":     s.controlEdit,
		"DELETE /_control/people/{userid}":  s.controlRemove,
		"GET /_control/departments":         s.controlDepartments,
		"POST /_control/departments":        s.controlDepartment,
		"DELETE /_control/departments/{id}": s.controlCloseDepartment,
		"POST /_control/faults":             s.controlFaults,
		"DELETE /_control/faults":           s.controlHeal,
		"POST /_control/settings":           s.controlSettings,
		"POST /_control/tokens":             s.controlTokens,
		"POST /_control/codes":              s.controlCodes,
		"POST /_control/clock":              s.controlClock,
		"GET /_control/events":              s.controlWaiting,
		"POST /_control/events":             s.controlEvent,
		"POST /_control/subscription":       s.controlSubscribe,
		"DELETE /_control/subscription":     s.controlUnsubscribe,
		"POST /_control/calls":              s.controlCall,
		"POST /_control/stream":             s.controlStream,
	} {
		mux.Handle(pattern, controlled(do))
	}
	mux.Handle("/_control/", controlled(func(*http.Request) (any, error) { return nil, errNoControl }))
}

var errNoControl = errors.New("no such control")

// controlled keeps web pages out and turns a result into JSON.
func controlled(do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, why := admit(r)
		if status != http.StatusOK {
			writeJSON(w, status, map[string]string{"error": why})
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		result, err := do(r)
		switch {
		case errors.Is(err, ErrNoPerson), errors.Is(err, ErrNoDepartment), errors.Is(err, errNoControl):
			writeJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
		case err != nil:
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		case result == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			writeJSON(w, http.StatusOK, result)
		}
	})
}

// admit refuses what a web page elsewhere could make a browser send: a name
// that was pointed at 127.0.0.1 (DNS rebinding), a request of another origin,
// and a write that needs no preflight.
func admit(r *http.Request) (int, string) {
	if !loopbackHost(r.Host) {
		return http.StatusForbidden, "Host is not a loopback address"
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return http.StatusForbidden, "requests of another origin are refused"
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return http.StatusForbidden, "requests of another site are refused"
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return http.StatusOK, ""
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return http.StatusUnsupportedMediaType, "Content-Type must be application/json"
	}
	return http.StatusOK, ""
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func read(r *http.Request, into any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return err
	}
	return strictJSON(body, into)
}

// state never holds a secret, a code or a token.
type state struct {
	Now      time.Time          `json:"now"`
	ClientID string             `json:"client_id"`
	CorpID   string             `json:"corp_id"`
	Streams  int                `json:"stream_connections"`
	Waiting  []PendingEvent     `json:"events_waiting"`
	People   int                `json:"people"`
	Named    []Person           `json:"named_people"`
	Showing  []QR               `json:"showing"`
	Calls    map[string]int     `json:"calls"`
	Requests []Request          `json:"requests"`
	Faults   map[string][]Fault `json:"faults"`
	Settings Settings           `json:"settings"`
}

func (s *Sandbox) controlState(*http.Request) (any, error) {
	app := s.App()
	return state{
		Now: s.Now(), ClientID: app.ClientID, CorpID: app.CorpID, Streams: s.Connections(), Waiting: s.PendingEvents(),
		People: s.people.size(), Named: s.people.search("", 0, len(cast(app.CorpID))),
		Showing: s.Showing(), Calls: s.Counts(), Requests: s.Requests(),
		Faults: s.Faults(), Settings: s.Settings(),
	}, nil
}

func (s *Sandbox) controlPeople(r *http.Request) (any, error) {
	q := r.URL.Query()
	offset, _ := strconv.Atoi(q.Get("offset")) // absent or nonsense: from the start
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 {
		limit = 100
	}
	return map[string]any{"total": s.people.size(), "people": s.People(q.Get("q"), offset, limit)}, nil
}

func (s *Sandbox) controlPerson(r *http.Request) (any, error) {
	return s.Person(r.PathValue("userid"))
}

func (s *Sandbox) controlAdd(r *http.Request) (any, error) {
	p := Person{Active: true, Corps: []string{s.App().CorpID}}
	if err := read(r, &p); err != nil {
		return nil, err
	}
	if err := s.Put(p); err != nil {
		return nil, err
	}
	return s.Person(p.UserID)
}

func (s *Sandbox) controlEdit(r *http.Request) (any, error) {
	p, err := s.Person(r.PathValue("userid"))
	if err != nil {
		return nil, err
	}
	if err := read(r, &p); err != nil {
		return nil, err
	}
	p.UserID = r.PathValue("userid")
	if err := s.Put(p); err != nil {
		return nil, err
	}
	return s.Person(p.UserID)
}

func (s *Sandbox) controlRemove(r *http.Request) (any, error) {
	return nil, s.Remove(r.PathValue("userid"))
}

func (s *Sandbox) controlFaults(r *http.Request) (any, error) {
	var in struct {
		Endpoint string  `json:"endpoint"`
		Faults   []Fault `json:"faults"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return nil, s.SetFault(in.Endpoint, in.Faults...)
}

func (s *Sandbox) controlHeal(r *http.Request) (any, error) {
	if endpoint := r.URL.Query().Get("endpoint"); endpoint != "" {
		return nil, s.SetFault(endpoint)
	}
	s.ClearFaults()
	return nil, nil
}

func (s *Sandbox) controlSettings(r *http.Request) (any, error) {
	var sent map[string]json.RawMessage
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range []string{"client_secret", "suite_ticket"} {
		var text string
		raw, ok := sent[name]
		if err := json.Unmarshal(raw, &text); ok && (err != nil || text == "") {
			return nil, errors.New(name + ": want a string")
		}
		texts[name] = text
		delete(sent, name)
	}
	rest, err := json.Marshal(sent)
	if err != nil {
		return nil, err
	}
	next := s.Settings()
	if err := json.Unmarshal(rest, &next); err != nil {
		return nil, err
	}
	if err := s.Change(func(set *Settings) { *set = next }); err != nil {
		return nil, err
	}
	if text := texts["client_secret"]; text != "" {
		s.SetClientSecret(secret.New(text))
	}
	if text := texts["suite_ticket"]; text != "" {
		s.SetSuiteTicket(secret.New(text))
	}
	return s.Settings(), nil
}

// order is the body of the controls that do one thing.
type order struct {
	Action string `json:"action"`
}

func (s *Sandbox) controlTokens(r *http.Request) (any, error) {
	var in order
	if err := read(r, &in); err != nil {
		return nil, err
	}
	switch in.Action {
	case "rotate":
		s.RotateTokens()
	case "expire":
		s.ExpireTokens()
	default:
		return nil, errors.New("action: want rotate or expire")
	}
	return nil, nil
}

func (s *Sandbox) controlCodes(r *http.Request) (any, error) {
	var in struct {
		order
		UserID string `json:"userid"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	switch in.Action {
	case "expire":
		s.ExpireCodes()
		return nil, nil
	case "no_login":
		code, err := s.NoLoginCode(in.UserID)
		return map[string]string{"code": code}, err
	case "sso":
		code, err := s.SSOCode(in.UserID)
		return map[string]string{"code": code}, err
	}
	return nil, errors.New("action: want expire, no_login or sso")
}

func (s *Sandbox) controlClock(r *http.Request) (any, error) {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	var d time.Duration
	if err := readSpan("advance", in.Advance, &d); err != nil {
		return nil, err
	}
	s.Advance(d)
	return map[string]any{"now": s.Now()}, nil
}
