package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

var moment = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// person has a value in every field, each of which can be told apart.
func person() identity.Record {
	return identity.Record{
		Identity: identity.Identity{
			CorpID: "dingcorp1", UserID: "user-zhang", UnionID: "union-zhang", OpenID: "open-zhang",
			Name: "张三丰", Nick: "sanfeng", Avatar: "https://static.example/zhang.png",
			Mobile: "13800138000", State: "8642", Email: "zhang@example.com", OrgEmail: "zhang@corp.example",
			JobNo: "JOB-007", Title: "太极工程师", Departments: []int64{1, 42}, Admin: true, Boss: true, Active: true,
		},
		VerifiedAt: moment,
	}
}

func dataDir(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

func mustOpen(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test that closes it itself has looked at the error
	return s
}

func mustKeep(t *testing.T, s *store.Store, rec identity.Record) {
	t.Helper()
	if err := s.Keep(t.Context(), rec); err != nil {
		t.Fatalf("keep: %v", err)
	}
}

func wantCurrent(t *testing.T, s *store.Store, want identity.Record) {
	t.Helper()
	got, err := s.Current(t.Context())
	if err != nil {
		t.Fatalf("current: %v", err)
	}
	got.Log = want.Log // who signed in before is no part of who they are
	if !reflect.DeepEqual(got, want) {
		t.Errorf("current = %+v, want %+v", got, want)
	}
}

func wantCode(t *testing.T, err error, want login.Code) {
	t.Helper()
	var coded *login.Error
	if !errors.As(err, &coded) || coded.Code != want {
		t.Fatalf("error = %v, want code %s", err, want)
	}
	if want == login.StoreUnavailable && coded.Detail == "" {
		t.Errorf("error %v has no detail to act on", err)
	}
}

func TestKeptPersonIsCurrentAfterReopening(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	wantCurrent(t, s, person())
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	wantCurrent(t, mustOpen(t, dir), person())
}

func TestNobodyIsSignedInAtFirst(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	_, err := s.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Errorf("forget nobody: %v", err)
	}
}

func TestLastKeptPersonIsCurrent(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	second := person()
	second.Identity.UserID, second.Identity.UnionID = "user-li", ""
	mustKeep(t, s, person())
	mustKeep(t, s, second)
	wantCurrent(t, s, second)

	renamed := person()
	renamed.Identity.Name, renamed.VerifiedAt = "张君宝", moment.Add(time.Hour)
	mustKeep(t, s, renamed)
	wantCurrent(t, s, renamed)
}

func TestForgetLeavesTheOthersKnown(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	other := person()
	other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
	mustKeep(t, s, other)
	mustKeep(t, s, person())
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Fatalf("forget: %v", err)
	}
	_, err := s.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
	if _, ok := s.UserID(t.Context(), "dingcorp1", "union-zhang"); ok {
		t.Error("the forgotten person is still known")
	}
	if _, ok := s.UserID(t.Context(), "dingcorp1", "union-li"); !ok {
		t.Error("another person was forgotten too")
	}
}

func TestUserIDIsFoundByCompanyAndUnionID(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	nameless := person()
	nameless.Identity.UserID, nameless.Identity.UnionID = "user-nameless", ""
	mustKeep(t, s, nameless)
	for _, c := range []struct {
		name, corp, union, want string
		ok                      bool
	}{
		{"known", "dingcorp1", "union-zhang", "user-zhang", true},
		{"another company", "dingcorp2", "union-zhang", "", false},
		{"unknown", "dingcorp1", "union-li", "", false},
		{"no union id matches nobody", "dingcorp1", "", "", false},
	} {
		if got, ok := s.UserID(t.Context(), c.corp, c.union); got != c.want || ok != c.ok {
			t.Errorf("%s: got %q, %v; want %q, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestPersonWhoCameBackUnderAnotherUserIDIsOnePerson(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	back := person()
	back.Identity.UserID = "user-zhang-2"
	mustKeep(t, s, back)
	wantCurrent(t, s, back)
	if got, _ := s.UserID(t.Context(), "dingcorp1", "union-zhang"); got != "user-zhang-2" {
		t.Errorf("user id = %q, want the new one", got)
	}
}

func TestRecordWithoutAKeyIsNotKept(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	for _, rec := range []identity.Record{
		{},
		{Identity: identity.Identity{CorpID: "dingcorp1"}},
		{Identity: identity.Identity{UserID: "user-li"}},
	} {
		wantCode(t, s.Keep(t.Context(), rec), login.StoreUnavailable)
	}
	wantCurrent(t, s, person())
}

func TestRememberedFactsSurviveReopening(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	if _, ok, err := s.Recall(t.Context(), "embed"); ok || err != nil {
		t.Errorf("recall at first = %v, %v; want nothing", ok, err)
	}
	for _, value := range []string{"frame", "page"} {
		if err := s.Remember(t.Context(), "embed", value); err != nil {
			t.Fatalf("remember: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	s = mustOpen(t, dir)
	if got, ok, err := s.Recall(t.Context(), "embed"); got != "page" || !ok || err != nil {
		t.Errorf("recall = %q, %v, %v; want page", got, ok, err)
	}
}

func TestReadyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	for range 3 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatalf("ready: %v", err)
		}
	}
	if _, ok, _ := s.Recall(t.Context(), "trial"); ok {
		t.Error("the trial write was committed")
	}
	if _, err := os.Stat(filepath.Join(dir, "dingpass.db-probe")); err == nil {
		t.Error("the probe file was left")
	}
}

func TestSoundDatabasePassesTheCheck(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
}

func TestDirectoryWithAnAwkwardNameIsNoProblem(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b?mode=ro&x#%25 数据")
	mustKeep(t, mustOpen(t, dir), person())
	if _, err := os.Stat(filepath.Join(dir, "dingpass.db")); err != nil {
		t.Errorf("the database is not where it should be: %v", err)
	}
}

func TestReadOnlyStoreTellsAndCreatesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	wantCode(t, err, login.NotSignedIn)
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("the data directory was created")
	}

	writer := mustOpen(t, dir)
	mustKeep(t, writer, person())
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatalf("open to read: %v", err)
	}
	defer func() { _ = s.Close() }()
	wantCurrent(t, s, person())
	wantCode(t, s.Ready(t.Context()), login.StoreUnavailable)
	wantCode(t, s.Keep(t.Context(), person()), login.StoreUnavailable)
	wantCode(t, s.Forget(t.Context(), person().Identity), login.StoreUnavailable)
	wantCode(t, s.Remember(t.Context(), "k", "v"), login.StoreUnavailable)
}
