package sandbox

import (
	"net/http"
)

// legacyCall answers a call outside /topapi/ with the fields of its flat reply.
type legacyCall func(arguments) (map[string]any, *topError)

// legacy wraps a call outside /topapi/: its errors carry their code directly,
// and HTTP is 200 all the same.
func (s *Sandbox) legacy(call func(*http.Request) (map[string]any, *topError)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := call(r)
		if err != nil {
			writeTopError(w, err)
			return
		}
		answer["errcode"], answer["errmsg"] = 0, "ok"
		writeJSON(w, http.StatusOK, answer)
	})
}

// flat is legacy with an app token in the query, which a GET's arguments are
// in, too.
func (s *Sandbox) flat(method, permission string, call legacyCall) http.Handler {
	return s.legacy(func(r *http.Request) (map[string]any, *topError) {
		if err := s.gateway(r, method, permission); err != nil {
			plain := *err
			plain.Gateway = false
			if plain.Code == 40000 { // outside the gateway, a blank token has a code of its own
				plain.Code, plain.Message = 41001, "缺少access_token参数"
			}
			return nil, &plain
		}
		if method == http.MethodGet {
			return call(ofValues(r.URL.Query()))
		}
		in, ok := readArguments(r)
		if !ok {
			return nil, errBadParameter
		}
		return call(in)
	})
}

// errBadParameter is what 400002 is outside /topapi/.
var errBadParameter = &topError{40035, "不合法的参数", false}

// userIDByUnionID is getByUnionID's predecessor (contract 4.1).
func (s *Sandbox) userIDByUnionID(in arguments) (map[string]any, *topError) {
	p, err := s.memberByUnionID(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"userid": p.UserID, "contactType": p.contactType()}, nil
}

// legacyUser is getUser's predecessor, with its flat and odd shapes: maps in
// strings that are no JSON, and other names for the same things (contract 4.3).
func (s *Sandbox) legacyUser(in arguments) (map[string]any, *topError) {
	userID, ok := in.text("userid")
	if _, known := in.inEnglish("lang"); !ok || !known || userID == "" {
		return nil, errBadParameter
	}
	p, err := s.employee(userID)
	if err != nil {
		return nil, err
	}
	return flatRecord(s.record(p)), nil
}
