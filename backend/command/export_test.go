package command

import "time"

// ExitCodeOf lets the tests hold every code against the contract.
var ExitCodeOf = exitCodeOf

// TransportBy is how DingTalk is reached by trusted time.
var TransportBy = transportBy

// Pace is how long the stage waits for people and pages.
type Pace struct{ ReadName, ReadProblem, ShownWithin, DesertedAfter time.Duration }

// SetPace makes the program as patient as a test needs it: no test waits for a
// clock.
func (p *Program) SetPace(to Pace) {
	p.pace = pace{to.ReadName, to.ReadProblem, to.ShownWithin, to.DesertedAfter}
}
