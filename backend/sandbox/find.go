package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// restApp wraps a call of the new API that needs the app's token. Which
// permission the searches need is not in the contract: the sandbox asks for
// that of the lists.
func (s *Sandbox) restApp(permission string, call func(arguments) (any, *restError)) http.Handler {
	return s.rest(http.MethodPost, func(r *http.Request) (any, *restError) {
		token := r.Header.Get("x-acs-dingtalk-access-token")
		is := s.mint.isAppToken(token)
		_, user := s.mint.userToken(token)
		switch {
		case token == "":
			return nil, errMissingToken
		case is == expired:
			return nil, errExpiredToken
		case is == unknown && user == valid, !s.Settings().permits(permission):
			return nil, denied(permission)
		case is == unknown:
			return nil, errBadToken
		}
		in, ok := readObject(r)
		if !ok {
			return nil, errBody
		}
		return call(in)
	})
}

// signOut ends the sessions of an enterprise account (contract 10). What
// DingTalk says of other accounts is not documented.
func (s *Sandbox) signOut(in arguments) (any, *restError) {
	userID, ok := in.text("userId")
	if !ok || userID == "" {
		return nil, missing("userId")
	}
	p, ok := s.people.byUserID(userID)
	if !ok || !s.member(p) {
		return nil, errNoUser
	}
	return map[string]any{"result": p.enterprise()}, nil
}

// seek is what both searches are asked.
type seek struct {
	word         string
	offset, size int64
	whole        bool
}

func readSeek(in arguments) (seek, *restError) {
	word, ok := in.text("queryWord")
	offset, offsetOK := in.number("offset", 0)
	size, sizeOK := in.number("size", 0)
	whole, wholeOK := in.number("fullMatchField", 0)
	switch {
	case in["queryWord"] == nil:
		return seek{}, missing("queryWord")
	case in["size"] == nil:
		return seek{}, missing("size")
	case !ok || !offsetOK || !sizeOK || !wholeOK || offset < 0 || size < 1 || word == "":
		return seek{}, &restError{http.StatusBadRequest, "invalidParameter", "queryWord, offset or size is wrong", nil}
	}
	return seek{word, offset, size, whole == 1}, nil
}

func (k seek) matches(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		if k.whole {
			return name == k.word
		}
		return strings.Contains(name, k.word)
	})
}

// found collects the page of what matches, and counts the rest.
type found[T any] struct {
	seek
	total int64
	list  []T
}

func (f *found[T]) add(value T) {
	if f.total >= f.offset && int64(len(f.list)) < f.size {
		f.list = append(f.list, value)
	}
	f.total++
}

func (f *found[T]) answer() map[string]any {
	if f.list == nil {
		f.list = []T{}
	}
	return map[string]any{"hasMore": f.offset+int64(len(f.list)) < f.total, "totalCount": f.total, "list": f.list}
}

// findUsers looks through the names of the members (contract 7).
func (s *Sandbox) findUsers(in arguments) (any, *restError) {
	what, err := readSeek(in)
	if err != nil {
		return nil, err
	}
	hits := found[string]{seek: what}
	for p := range s.everyone(what) {
		if !p.External && s.member(p) && s.inScope(p) {
			hits.add(p.UserID)
		}
	}
	return hits.answer(), nil
}

// everyone yields whose name matches. A generated person is made only when
// their name does.
func (s *Sandbox) everyone(what seek) func(yield func(Person) bool) {
	return func(yield func(Person) bool) {
		d := s.people
		d.mu.RLock()
		named := slices.Clone(d.named)
		d.mu.RUnlock()
		for _, userID := range named {
			if p, ok := d.byUserID(userID); ok && what.matches(p.Name) && !yield(p) {
				return
			}
		}
		for i := range d.made.count {
			userID := d.made.userID(i)
			d.mu.RLock()
			p, changed := d.people[userID]
			gone := d.removed[userID]
			d.mu.RUnlock()
			if !changed {
				_, p.Name, _, _, _ = d.made.naming(i)
			}
			if gone || !what.matches(p.Name) {
				continue
			}
			if !changed {
				p = d.made.person(i)
			}
			if !yield(p) {
				return
			}
		}
	}
}

// findDepartments looks through the names of the whole tree.
func (s *Sandbox) findDepartments(in arguments) (any, *restError) {
	what, err := readSeek(in)
	if err != nil {
		return nil, err
	}
	hits := found[int64]{seek: what}
	for queue := []int64{rootDept}; len(queue) > 0; queue = queue[1:] {
		for _, d := range s.Departments(queue[0]) {
			queue = append(queue, d.ID)
			if what.matches(d.Name, d.English) && s.covers(d.ID) {
				hits.add(d.ID)
			}
		}
	}
	return hits.answer(), nil
}
