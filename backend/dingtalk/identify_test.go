package dingtalk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// isZhang is a memory of who came before.
func isZhang(context.Context, string, string) (string, bool) { return "zhang01", true }

func TestWhoMayComeIn(t *testing.T) {
	t.Parallel()
	whole := identity.Identity{
		CorpID: "ding0a1b", UserID: "zhang01", UnionID: "uXyZ34iEiE", OpenID: "oAbC12", Name: "张三", Nick: "阿明",
		Avatar: "https://static-legacy.dingtalk.com/media/me.jpg", Mobile: mobile, State: "86",
		Email: "z@example.com", OrgEmail: "z@corp.example", JobNo: "A007", Title: "工程师",
		Departments: []int64{1, 88001}, Boss: true, Active: true,
	}
	bare := identity.Identity{CorpID: "ding0a1b", UserID: "zhang01", UnionID: "uXyZ34iEiE", Active: true}
	for name, tc := range map[string]struct {
		script map[string]http.HandlerFunc
		corpID string
		want   identity.Identity
	}{
		"an employee": {nil, "ding0a1b", whole},
		"an employee, where no company is configured": {nil, "", whole},
		"an employee, where DingTalk names no company: membership still decides": {
			map[string]http.HandlerFunc{exchangePath: says(200, `{"accessToken":"x"}`)}, "ding0a1b", whole},
		"an employee of whom little is told": {
			map[string]http.HandlerFunc{
				mePath:     says(200, `{"unionId":"uXyZ34iEiE","mobile":null,"email":""}`),
				memberPath: says(200, `{"errcode":0,"result":{"userid":"zhang01"}}`),
				userPath:   says(200, `{"errcode":0,"result":{"userid":"zhang01","active":true}}`),
			}, "ding0a1b", bare},
		"mobile and country code come from one source": {
			map[string]http.HandlerFunc{
				mePath:   says(200, `{"unionId":"uXyZ34iEiE","mobile":"5550100","stateCode":"1","email":"me@example.com"}`),
				userPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","active":true,"state_code":"86"}}`),
			}, "ding0a1b", identity.Identity{CorpID: "ding0a1b", UserID: "zhang01", UnionID: "uXyZ34iEiE", Active: true,
				Mobile: "5550100", State: "1", Email: "me@example.com"}},
	} {
		for who, known := range map[string]login.Known{"new": nil, "known": isZhang} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, tc.script)
				c := f.client()
				c.CorpID = tc.corpID
				got, err := c.Identify(t.Context(), secret.New(oneTimeCode), known)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, tc.want) {
					t.Errorf("identity = %+v\nwant       %+v", got, tc.want)
				}
				for _, path := range []string{exchangePath, mePath, tokenPath, memberPath, userPath} {
					if n := len(f.requests(path)); n != 1 {
						t.Errorf("%s was called %d times", path, n)
					}
				}
			})
		}
	}
}

func TestWhoMayNotComeIn(t *testing.T) {
	t.Parallel()
	record := func(fields string) http.HandlerFunc {
		return says(200, `{"errcode":0,"result":{"userid":"zhang01",`+fields+`}}`)
	}
	for name, tc := range map[string]struct {
		path   string
		answer http.HandlerFunc
		code   login.Code
	}{
		"somebody who is no member":              {memberPath, oldError(60121), login.NotMember},
		"somebody who left a moment ago":         {userPath, oldError(60121), login.NotMember},
		"an external contact":                    {memberPath, says(200, `{"errcode":0,"result":{"contact_type":1,"userid":"zhang01"}}`), login.ExternalContact},
		"an external contact, quoted":            {memberPath, says(200, `{"errcode":0,"result":{"contact_type":"1","userid":"zhang01"}}`), login.ExternalContact},
		"a contact of a type not known yet":      {memberPath, says(200, `{"errcode":0,"result":{"contact_type":2,"userid":"zhang01"}}`), login.ExternalContact},
		"an account never activated":             {userPath, record(`"active":false`), login.InactiveAccount},
		"an account never activated, quoted":     {userPath, record(`"active":"false"`), login.InactiveAccount},
		"a disabled account":                     {userPath, record(`"active":true,"disable_status":true`), login.Disabled},
		"a disabled account, quoted":             {userPath, record(`"active":true,"disable_status":"true"`), login.Disabled},
		"a disabled account, by code":            {memberPath, oldError(60120), login.Disabled},
		"a disabled account, by code and record": {userPath, oldError(60120), login.Disabled},
		"somebody of another company":            {exchangePath, says(200, `{"accessToken":"x","corpId":"ding9"}`), login.WrongCorp},
		"somebody outside the contact scope":     {userPath, oldError(50002), login.PermissionMissing},
		"somebody whose record is another's":     {userPath, record(`"active":true,"unionid":"uOther"`), login.ProviderAnswer},
		"a code that is used up":                 {exchangePath, newError(400, "invalidParameter.authCode.notFound"), login.CodeInvalid},
		"an app with a wrong secret":             {tokenPath, newError(400, "invalidClientIdOrSecret"), login.AppMisconfigured},
	} {
		for who, known := range map[string]login.Known{"new": nil, "known": isZhang} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, map[string]http.HandlerFunc{tc.path: tc.answer})
				got, err := f.client().Identify(t.Context(), secret.New(oneTimeCode), known)
				if code := login.CodeOf(err); code != tc.code {
					t.Errorf("code = %q, want %q (%v)", code, tc.code, err)
				}
				if !reflect.DeepEqual(got, identity.Identity{}) {
					t.Errorf("a refusal came with an identity: %+v", got)
				}
			})
		}
	}
}

func TestSomebodyOfNoCompanyAtAllIsRefused(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{exchangePath: says(200, `{"accessToken":"x"}`)})
	c := f.client()
	c.CorpID = ""
	_, err := c.Identify(t.Context(), secret.New(oneTimeCode), nil)
	if login.CodeOf(err) != login.ProviderAnswer {
		t.Errorf("err = %v", err)
	}
}

func TestNothingIsAskedAfterAnotherCompanyWasChosen(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{exchangePath: says(200, `{"accessToken":"x","corpId":"ding9"}`)})
	_, err := f.client().Identify(t.Context(), secret.New(oneTimeCode), isZhang)
	if login.CodeOf(err) != login.WrongCorp {
		t.Errorf("err = %v", err)
	}
	if n := len(f.requests(mePath)) + len(f.requests(memberPath)) + len(f.requests(userPath)); n != 0 {
		t.Errorf("%d calls about a person who is not ours", n)
	}
}

// together answers none of its paths before a request for each has arrived.
func together(t *testing.T, paths map[string]string) map[string]http.HandlerFunc {
	var arrived sync.WaitGroup
	arrived.Add(len(paths))
	all := make(chan struct{})
	go func() { arrived.Wait(); close(all) }()
	script := map[string]http.HandlerFunc{}
	for path, answer := range paths {
		script[path] = func(w http.ResponseWriter, r *http.Request) {
			arrived.Done()
			select {
			case <-all:
				says(200, answer)(w, r)
			case <-r.Context().Done():
				t.Errorf("%s was alone", path)
			}
		}
	}
	return script
}

func TestMembershipAndRecordOfAKnownPersonAreAskedTogether(t *testing.T) {
	t.Parallel()
	f := newFake(t, together(t, map[string]string{memberPath: goodMember, userPath: goodUser}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	known := func(_ context.Context, corpID, unionID string) (string, bool) {
		if corpID != "ding0a1b" || unionID != "uXyZ34iEiE" {
			t.Errorf("asked about %q, %q", corpID, unionID)
		}
		return "zhang01", true
	}
	if _, err := f.client().Identify(ctx, secret.New(oneTimeCode), known); err != nil {
		t.Fatal(err)
	}
}

func TestAMissingAppTokenIsFetchedBesideTheExchange(t *testing.T) {
	t.Parallel()
	f := newFake(t, together(t, map[string]string{exchangePath: goodExchange, tokenPath: goodToken}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := f.client().Identify(ctx, secret.New(oneTimeCode), nil); err != nil {
		t.Fatal(err)
	}
}

func TestAnOutdatedMemoryCostsARoundTripAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, stale := range map[string]string{
		"the old user id is somebody else now": `{"errcode":0,"result":{"userid":"old","unionid":"uOther","name":"李四","active":true}}`,
		"the old user id is gone":              `{"errcode":60121}`,
		"the old user id is disabled":          `{"errcode":60120}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{userPath: func(w http.ResponseWriter, r *http.Request) {
				var asked struct{ UserID string }
				if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
					t.Error(err)
				}
				if asked.UserID == "old" {
					says(200, stale)(w, r)
					return
				}
				says(200, goodUser)(w, r)
			}})
			known := func(context.Context, string, string) (string, bool) { return "old", true }
			got, err := f.client().Identify(t.Context(), secret.New(oneTimeCode), known)
			if err != nil || got.UserID != "zhang01" || got.Name != "张三" {
				t.Errorf("identity = %+v, %v", got, err)
			}
		})
	}
}

func TestASlowRecordOfTheWrongPersonIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{userPath: func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ UserID string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		if asked.UserID == "old" {
			<-r.Context().Done() // until the client hangs up
			return
		}
		says(200, goodUser)(w, r)
	}})
	known := func(context.Context, string, string) (string, bool) { return "old", true }
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // less than any limit of one call
	defer cancel()
	if _, err := f.client().Identify(ctx, secret.New(oneTimeCode), known); err != nil {
		t.Error(err)
	}
}

// Whether a lost exchange has spent the code cannot be known: it is sent once,
// on a fresh connection and on one that was used before, which net/http treats
// differently.
func TestAnAmbiguousExchangeIsNeverRepeated(t *testing.T) {
	t.Parallel()
	truncated := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(goodExchange[:30]))
		panic(http.ErrAbortHandler)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"the connection drops":       drops,
		"the answer is cut off":      truncated,
		"DingTalk is busy":           newError(503, "ServiceUnavailable"),
		"DingTalk is busy, old way":  says(200, `{"errcode":-1}`),
		"too many calls":             newError(403, "Forbidden.AccessDenied.QpsLimitForApi"),
		"the token family's refusal": newError(400, "InvalidAuthentication"),
		"a gateway gives up":         says(504, "<html>"),
	} {
		for _, warm := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, map[string]http.HandlerFunc{exchangePath: answer})
				c := f.client()
				if warm {
					if err := c.Warm(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				_, err := c.Identify(t.Context(), secret.New(oneTimeCode), isZhang)
				if err == nil {
					t.Error("no error")
				}
				if n := len(f.requests(exchangePath)); n != 1 {
					t.Errorf("the code was sent %d times", n)
				}
			})
		}
	}
}

func TestALostConnectionIsTheNetworksFault(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := &dingtalk.Client{ClientID: "x", ClientSecret: secret.New(appSecret), APIURL: gone.URL, OAPIURL: gone.URL}
	f := newFake(t, map[string]http.HandlerFunc{exchangePath: drops})
	for name, client := range map[string]*dingtalk.Client{"refused": c, "dropped": f.client()} {
		_, err := client.Identify(t.Context(), secret.New(oneTimeCode), nil)
		if login.CodeOf(err) != login.Network {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancellingASignInEndsEveryCall(t *testing.T) {
	t.Parallel()
	for _, path := range []string{exchangePath, mePath, tokenPath, memberPath, userPath} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			f := newFake(t, map[string]http.HandlerFunc{path: func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			}})
			_, err := f.client().Identify(ctx, secret.New(oneTimeCode), isZhang)
			if login.CodeOf(err) != login.Cancelled {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestTheRequestsOfASignInAreFew(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	c := f.client()
	for range 3 {
		if _, err := c.Identify(t.Context(), secret.New(oneTimeCode), isZhang); err != nil {
			t.Fatal(err)
		}
	}
	var paths []string
	for _, req := range f.requests("") {
		paths = append(paths, req.path)
	}
	slices.Sort(paths)
	want := []string{tokenPath}
	for _, path := range []string{exchangePath, mePath, memberPath, userPath} {
		want = append(want, path, path, path)
	}
	slices.Sort(want)
	if !slices.Equal(paths, want) {
		t.Errorf("calls = %s", strings.Join(paths, " "))
	}
}
