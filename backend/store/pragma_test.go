package store_test

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

// Lynricsy/OneSSH #4, and measured: on a pool, only one connection had them.
func TestEveryPooledConnectionHasThePragmas(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	want := map[string]string{
		"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1",
	}
	var all sync.WaitGroup // every reader is taken at once, so that they are different connections
	all.Add(store.Readers)
	var done sync.WaitGroup
	for range store.Readers {
		done.Go(func() {
			err := s.ReadConn(t.Context(), func(query func(string) string) {
				all.Done()
				all.Wait()
				for name, value := range want {
					if got := query("PRAGMA " + name); got != value {
						t.Errorf("%s = %s, want %s", name, got, value)
					}
				}
			})
			if err != nil {
				t.Error(err)
				all.Done()
			}
		})
	}
	done.Wait()
}

// lingyuins/octopus #97: the driver ignored keys that it did not know.
func TestConnectionWithoutAPragmaIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if err := mustOpen(t, dir).Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	full := store.DSN(filepath.Join(dir, "dingpass.db"), store.Writing)
	if err := store.Connect(t.Context(), full); err != nil {
		t.Fatalf("connect with all pragmas: %v", err)
	}
	for _, name := range store.Pragmas() {
		if name == "journal_mode" {
			continue // the file keeps it; see the next test
		}
		dsn, err := url.Parse(full)
		if err != nil {
			t.Fatal(err)
		}
		query := dsn.Query()
		query["_pragma"] = slices.DeleteFunc(query["_pragma"], func(p string) bool { return strings.HasPrefix(p, name) })
		dsn.RawQuery = query.Encode()
		if name == "synchronous" || name == "secure_delete" {
			dsn.RawQuery += "&_pragma=" + name + "(0)" // the default is ours already
		}
		if err := store.Connect(t.Context(), dsn.String()); err == nil {
			t.Errorf("a connection without %s was accepted", name)
		}
	}
}

// go-gitea/gitea #37105: SQLite answers with another mode instead of an error
// where it cannot share memory, as on network file systems. A database in
// memory is another place where it does.
func TestFileSystemWithoutALogIsRefusedWithTheMend(t *testing.T) {
	t.Parallel()
	dsn := strings.Replace(store.DSN("/none", store.Writing), "mode=rw", "mode=memory", 1)
	err := store.Connect(t.Context(), dsn)
	if err == nil {
		t.Fatal("a database without a write-ahead log was accepted")
	}
	err = store.Explain("/srv/share", err)
	wantCode(t, err, login.StoreUnavailable)
	if detail := login.DetailOf(err); !strings.Contains(detail, "local disk") {
		t.Errorf("detail = %q, want it to name the mend", detail)
	}
}
