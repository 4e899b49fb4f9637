package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

func (s *Sandbox) controlDepartments(r *http.Request) (any, error) {
	parent, err := strconv.ParseInt(r.URL.Query().Get("parent"), 10, 64)
	if err != nil {
		parent = rootDept
	}
	list := s.Departments(parent)
	if list == nil {
		list = []Department{}
	}
	return map[string]any{"departments": list}, nil
}

func (s *Sandbox) controlDepartment(r *http.Request) (any, error) {
	in := Department{ParentID: rootDept}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if err := s.PutDepartment(in); err != nil {
		return nil, err
	}
	return s.Department(in.ID)
}

func (s *Sandbox) controlCloseDepartment(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, ErrNoDepartment
	}
	return nil, s.RemoveDepartment(id)
}

func (s *Sandbox) controlWaiting(*http.Request) (any, error) {
	return map[string]any{"connections": s.Connections(), "events": s.PendingEvents()}, nil
}

func (s *Sandbox) controlEvent(r *http.Request) (any, error) {
	var in Event
	if err := read(r, &in); err != nil {
		return nil, err
	}
	id, err := s.SendEvent(in)
	return map[string]string{"event_id": id}, err
}

func (s *Sandbox) controlCall(r *http.Request) (any, error) {
	var in struct {
		Topic string          `json:"topic"`
		Data  json.RawMessage `json:"data"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return s.Call(r.Context(), in.Topic, in.Data)
}

func (s *Sandbox) controlStream(r *http.Request) (any, error) {
	var in struct {
		order
		Reason string `json:"reason"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	switch in.Action {
	case "disconnect":
		s.Disconnect(cmp.Or(in.Reason, "connection expired"))
	case "drop":
		s.DropConnections()
	case "ping":
		s.Ping()
	default:
		return nil, errors.New("action: want disconnect, drop or ping")
	}
	return nil, nil
}
