package sandbox

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// Department is one node of the company's tree.
type Department struct {
	ID          int64    `json:"dept_id"`
	Name        string   `json:"name"`
	English     string   `json:"english_name"` // the name under language en_US; "": Name
	ParentID    int64    `json:"parent_id"`    // 0 for the root, which is 1
	Order       int64    `json:"order"`
	CreateGroup bool     `json:"create_dept_group"`
	AutoAdd     bool     `json:"auto_add_user"`
	Hidden      bool     `json:"hide_dept"`
	Managers    []string `json:"dept_manager_userid_list"`
	SourceID    string   `json:"source_identifier"`
	Code        string   `json:"code"`
	Brief       string   `json:"brief"`
}

// ErrNoDepartment is what the department methods return for an unknown id.
var ErrNoDepartment = errors.New("no such department")

func (d Department) nameIn(english bool) string {
	if english {
		return cmp.Or(d.English, d.Name)
	}
	return d.Name
}

// changedDepts are the departments that differ from the generated ones;
// directory's mutex guards them.
type changedDepts struct {
	put     map[int64]Department
	removed map[int64]bool
}

// dept finds a department; the caller holds the lock, as for all that follow.
func (d *directory) dept(id int64) (Department, bool) {
	if changed, ok := d.depts.put[id]; ok {
		return changed, true
	}
	if d.depts.removed[id] {
		return Department{}, false
	}
	return d.made.dept(id)
}

func (d *directory) deptsBelow(id int64) []Department {
	var list []Department
	for _, child := range d.made.children(id) {
		_, changed := d.depts.put[child]
		if found, ok := d.dept(child); ok && !changed {
			list = append(list, found)
		}
	}
	for _, child := range slices.Sorted(maps.Keys(d.depts.put)) {
		if found := d.depts.put[child]; found.ParentID == id {
			list = append(list, found)
		}
	}
	return list
}

// line is the way from a department up to the root, both included.
func (d *directory) line(id int64) []int64 {
	var way []int64
	for found, ok := d.dept(id); ok && !slices.Contains(way, id); found, ok = d.dept(id) {
		way = append(way, id)
		id = found.ParentID
	}
	return way
}

// inDept lists who is in a department itself, not below it: the named first.
func (d *directory) inDept(id int64) []Person {
	var list []Person
	for _, userID := range d.named {
		if p := d.people[userID]; slices.Contains(p.Departments, id) {
			list = append(list, p)
		}
	}
	for i := range d.made.members(id) {
		userID := d.made.userID(i)
		if _, changed := d.people[userID]; !changed && !d.removed[userID] {
			list = append(list, d.made.person(i))
		}
	}
	for _, userID := range slices.Sorted(maps.Keys(d.people)) {
		_, generated := d.made.index(userID)
		if p := d.people[userID]; generated && slices.Contains(p.Departments, id) {
			list = append(list, p)
		}
	}
	return list
}

// Department returns one department, or ErrNoDepartment.
func (s *Sandbox) Department(id int64) (Department, error) {
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	found, ok := s.people.dept(id)
	if !ok {
		return Department{}, ErrNoDepartment
	}
	found.Managers = slices.Clone(found.Managers)
	return found, nil
}

// Departments returns those right below one. The root is 1.
func (s *Sandbox) Departments(parent int64) []Department {
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	return s.people.deptsBelow(parent)
}

// line is the way up from a department, as the calls need it.
func (s *Sandbox) line(id int64) []int64 {
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	return s.people.line(id)
}

// PutDepartment adds a department, or replaces the one of the same id. The
// parent has to exist and must not be below it; the root stays where it is.
func (s *Sandbox) PutDepartment(dept Department) error {
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	_, parent := d.dept(dept.ParentID)
	switch {
	case dept.ID < 1 || dept.Name == "":
		return errors.New("dept_id, name: both are needed")
	case dept.ID == rootDept && dept.ParentID != 0:
		return errors.New("parent_id: the root has none")
	case dept.ID != rootDept && !parent:
		return errors.New("parent_id: there is no such department")
	case dept.ID != rootDept && slices.Contains(d.line(dept.ParentID), dept.ID):
		return errors.New("parent_id: a department cannot be below itself")
	}
	if d.depts.put == nil {
		d.depts.put = map[int64]Department{}
	}
	dept.Managers = slices.Clone(dept.Managers)
	d.depts.put[dept.ID] = dept
	return nil
}

// RemoveDepartment removes a department that has neither people nor
// departments in it: DingTalk removes no other.
func (s *Sandbox) RemoveDepartment(id int64) error {
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	switch _, ok := d.dept(id); {
	case !ok:
		return ErrNoDepartment
	case id == rootDept || len(d.deptsBelow(id)) > 0 || len(d.inDept(id)) > 0:
		return errors.New("the department is not empty")
	}
	delete(d.depts.put, id)
	if d.depts.removed == nil {
		d.depts.removed = map[int64]bool{}
	}
	d.depts.removed[id] = true
	return nil
}
