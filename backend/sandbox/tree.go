package sandbox

import (
	"fmt"
	"math/rand/v2"
)

// The generated part of the department tree: seven divisions under the root
// and, below them, one team for about every twelve people. Which department
// has which people is arithmetic, so that a page of a list costs the same
// whether there are a hundred people or a billion.
const (
	rootDept     int64 = 1
	firstDivDept int64 = 88001
	firstTeam    int64 = 90001

	divisions      = 7
	peoplePerTeam  = 12
	topTeams       = 8 * divisions // right below the divisions
	teamsBelowTeam = 8
	secondHome     = 9 // one person in so many sits in two departments
)

func (g generator) teams() int { return g.count / peoplePerTeam }

// groups are the departments that generated people are in: all but the root.
func (g generator) groups() int { return divisions + g.teams() }

func (g generator) groupDept(group int) int64 {
	if group < divisions {
		return firstDivDept + int64(group)
	}
	return firstTeam + int64(group-divisions)
}

func (g generator) deptGroup(id int64) (int, bool) {
	switch {
	case id >= firstDivDept && id < firstDivDept+divisions:
		return int(id - firstDivDept), true
	case id >= firstTeam && id < firstTeam+int64(g.teams()):
		return int(id-firstTeam) + divisions, true
	}
	return 0, false
}

// parent is 0 for the root.
func (g generator) parent(id int64) int64 {
	switch team := id - firstTeam; {
	case id == rootDept:
		return 0
	case team < 0:
		return rootDept
	case team < topTeams:
		return firstDivDept + team%divisions
	default:
		return firstTeam + (team-topTeams)/teamsBelowTeam
	}
}

func (g generator) children(id int64) []int64 {
	var list []int64
	from, step, to := int64(0), int64(1), int64(0) // of team numbers
	switch group, ok := g.deptGroup(id); {
	case id == rootDept:
		for i := range int64(divisions) {
			list = append(list, firstDivDept+i)
		}
		return list
	case !ok:
		return nil
	case group < divisions:
		from, step, to = int64(group), divisions, topTeams
	default:
		from = topTeams + (id-firstTeam)*teamsBelowTeam
		to = from + teamsBelowTeam
	}
	for team := from; team < min(to, int64(g.teams())); team += step {
		list = append(list, firstTeam+team)
	}
	return list
}

// division is the branch of the tree that a department is in.
func (g generator) division(id int64) department {
	for id >= firstTeam {
		id = g.parent(id)
	}
	for _, d := range departments {
		if d.id == id {
			return d
		}
	}
	return departments[0]
}

func (g generator) shift() int { return int(g.seed % uint64(g.groups())) } //nolint:gosec // below groups, which is an int

// homes are the departments of the i-th person.
func (g generator) homes(i int) []int64 {
	home := (i + g.shift()) % g.groups()
	list := []int64{g.groupDept(home)}
	if i%secondHome == 4 {
		list = append(list, g.groupDept((home+1)%g.groups()))
	}
	return list
}

// members yields the people of a department in ascending order.
func (g generator) members(id int64) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		group, ok := g.deptGroup(id)
		if !ok {
			return
		}
		n := g.groups()
		first := (group - g.shift() + n) % n
		second := (first + n - 1) % n // those who sit here beside their first department
		for block := 0; block < g.count; block += n {
			for _, offset := range [2]int{min(first, second), max(first, second)} {
				i := block + offset
				if i < g.count && (offset == first || i%secondHome == 4) && !yield(i) {
					return
				}
			}
		}
	}
}

var areas = []syllable{
	{"华北", "North"}, {"华东", "East"}, {"华南", "South"}, {"华中", "Central"},
	{"西南", "Southwest"}, {"西北", "Northwest"}, {"东北", "Northeast"}, {"海外", "Overseas"},
}

// dept makes a department that exists from the start.
func (g generator) dept(id int64) (Department, bool) {
	_, grouped := g.deptGroup(id)
	if id != rootDept && !grouped {
		return Department{}, false
	}
	d := Department{ID: id, ParentID: g.parent(id), Order: firstOrder + id, CreateGroup: true, AutoAdd: true}
	branch := g.division(id)
	d.Name, d.English = branch.name, branch.english
	if id >= firstTeam {
		r := rand.New(rand.NewPCG(g.seed, uint64(id))) //nolint:gosec // invented names need a seed, not secrecy
		area, number := pick(r, areas), id-firstTeam+1
		d.Name, d.English = fmt.Sprintf("%s%d组", area.han, number), fmt.Sprintf("%s Team %d", area.latin, number)
	}
	if id == managedDept {
		d.Managers = []string{"li02"}
		return d, true
	}
	for i := range g.members(id) {
		d.Managers = []string{g.userID(i)}
		break
	}
	return d, true
}

// managedDept is the division that li02 leads.
const managedDept int64 = 88005
