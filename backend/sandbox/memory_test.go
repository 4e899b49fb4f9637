package sandbox_test

import (
	"runtime"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// Who has been read is forgotten: a large company costs what a small one does.
// build/bench has the figures of the program; here nothing else runs beside.
//
// Not in parallel: it measures the heap of the process.
func TestReadingALargeCompanyKeepsNobody(t *testing.T) {
	const people, allowed = 20_000, 1 << 20 // 50 bytes of each
	s := sandbox.New(sandbox.Options{People: people})
	before := heap()
	if got := len(s.People("", 0, people)); got != people {
		t.Errorf("%d people", got)
	}
	if after := heap(); after > before+allowed {
		t.Errorf("%d bytes are kept of %d people", after-before, people)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// heap is what is in use, when all that is not has been thrown away.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
