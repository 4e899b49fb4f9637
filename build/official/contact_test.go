package official_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	contact "github.com/alibabacloud-go/dingtalk/contact_1_0"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func (k *kit) contact() *contact.Client {
	k.t.Helper()
	client, err := contact.NewClient(k.config())
	if err != nil {
		k.t.Fatal(err)
	}
	return client
}

// user is «who am I», or with a union id somebody else.
func (k *kit) user(token, unionID string) (*contact.GetUserResponseBody, error) {
	k.t.Helper()
	headers := &contact.GetUserHeaders{}
	if token != "" {
		headers.XAcsDingtalkAccessToken = tea.String(token)
	}
	got, err := k.contact().GetUserWithOptions(tea.String(unionID), headers, &util.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	k := start(t)
	zhang, err := k.Person("zhang01")
	if err != nil {
		t.Fatal(err)
	}
	token := k.userToken("zhang01")
	for _, who := range []string{"me", zhang.UnionID} {
		got, err := k.user(token, who)
		if err != nil {
			t.Fatal(err)
		}
		if tea.StringValue(got.UnionId) != zhang.UnionID || tea.StringValue(got.OpenId) != zhang.OpenID || tea.StringValue(got.Nick) != zhang.Nick ||
			tea.StringValue(got.Mobile) != zhang.Mobile || tea.StringValue(got.StateCode) != zhang.StateCode ||
			tea.StringValue(got.AvatarUrl) != zhang.Avatar || tea.StringValue(got.Email) != zhang.Email || tea.BoolValue(got.Visitor) {
			t.Errorf("%s is %v, want %+v", who, got, zhang)
		}
	}
}

func TestTheMobileNumberIsAPermissionOfItsOwn(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.forbid(sandbox.PermitReadMobile)
	got, err := k.user(k.userToken("zhang01"), "me")
	if err != nil {
		t.Fatal(err)
	}
	if got.Mobile != nil || got.StateCode != nil || got.Nick == nil {
		t.Errorf("got %v", got)
	}
}

func TestWhoAmIRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(*kit)
		token  func(*kit) string
		who    string
		status int
		code   string
	}{
		"without a token":      {token: func(*kit) string { return "" }, who: "me", status: 400, code: "AuthenticationFailed.MissingParameter"},
		"with a token of ours": {token: func(*kit) string { return "guess" }, who: "me", status: 400, code: "InvalidAuthentication"},
		"with an old token": {
			spoil: func(k *kit) { k.Advance(2*time.Hour + time.Second) },
			token: func(k *kit) string { return k.userToken("zhang01") }, who: "me", status: 400, code: "accesstoken.expired",
		},
		"with a token that was taken back": {
			spoil: func(k *kit) { k.RotateTokens() },
			token: func(k *kit) string { return k.userToken("zhang01") }, who: "me", status: 400, code: "InvalidAuthentication",
		},
		"of nobody": {token: func(k *kit) string { return k.userToken("zhang01") }, who: "nobody", status: 404, code: "invalidParameter.user.notFound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			token := c.token(k)
			if c.spoil != nil {
				c.spoil(k)
			}
			_, err := k.user(token, c.who)
			isRefused(t, err, c.status, c.code)
		})
	}
}

// The SDK looks for the list of missing permissions under
// «AccessDeniedDetail» and «accessdenieddetail»; who finds it can tell the
// administrator what to tick.
func TestAMissingPermissionIsNamed(t *testing.T) {
	t.Parallel()
	k := start(t)
	user, app := k.userToken("zhang01"), k.appToken()
	k.forbid(sandbox.PermitReadSelf, sandbox.PermitMember, sandbox.PermitDepts)
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"the app may not read people":     {func() error { _, err := k.user(user, "me"); return err }, sandbox.PermitReadSelf},
		"an app's token is not a user's":  {func() error { _, err := k.user(app, "me"); return err }, sandbox.PermitReadSelf},
		"the app may not look for people": {func() error { _, err := k.people(app, "张"); return err }, sandbox.PermitMember},
		"nor for departments":             {func() error { _, err := k.departments(app, "部"); return err }, sandbox.PermitDepts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.call()
			isRefused(t, err, 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
			scopes, _ := refusal(t, err).AccessDeniedDetail["requiredScopes"].([]any)
			if !slices.Equal(scopes, []any{c.want}) {
				t.Errorf("the SDK found %v, want %s", refusal(t, err).AccessDeniedDetail, c.want)
			}
		})
	}
}

func TestOneCallTooMany(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.userToken("zhang01")
	k.change(func(s *sandbox.Settings) { s.RateLimit = 1 })
	if _, err := k.user(token, "me"); err != nil {
		t.Fatal(err)
	}
	_, err := k.user(token, "me")
	isRefused(t, err, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
	k.Advance(time.Second)
	if _, err := k.user(token, "me"); err != nil {
		t.Errorf("in the next second: %v", err)
	}
}

// The SDK is to meet here what it would meet at DingTalk on a bad day.
func TestFaultsReachTheSDK(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.userToken("zhang01")
	const me = "/v1.0/contact/users/{unionId}"
	set := func(fault sandbox.Fault) {
		t.Helper()
		fault.Times = 1
		if err := k.SetFault(me, fault); err != nil {
			t.Fatal(err)
		}
	}
	set(sandbox.Fault{Status: http.StatusServiceUnavailable})
	_, err := k.user(token, "me")
	isRefused(t, err, 503, "ServiceUnavailable")
	set(sandbox.Fault{Code: "system.error", Status: http.StatusInternalServerError})
	_, err = k.user(token, "me")
	isRefused(t, err, 500, "system.error")
	for _, kind := range []sandbox.FaultKind{sandbox.FaultHTML, sandbox.FaultCut, sandbox.FaultDrop} {
		set(sandbox.Fault{Kind: kind})
		if _, err := k.user(token, "me"); err == nil {
			t.Errorf("%s went unnoticed", kind)
		}
	}
	if _, err := k.user(token, "me"); err != nil {
		t.Errorf("after the last of them: %v", err)
	}
}

// people looks through the names, two to a page.
func (k *kit) people(token, word string) (*contact.SearchUserResponseBody, error) {
	k.t.Helper()
	got, err := k.contact().SearchUserWithOptions(
		&contact.SearchUserRequest{QueryWord: tea.String(word), Offset: tea.Int32(0), Size: tea.Int32(2)},
		&contact.SearchUserHeaders{XAcsDingtalkAccessToken: tea.String(token)}, &util.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

func (k *kit) departments(token, word string) (*contact.SearchDepartmentResponseBody, error) {
	k.t.Helper()
	got, err := k.contact().SearchDepartmentWithOptions(
		&contact.SearchDepartmentRequest{QueryWord: tea.String(word), Offset: tea.Int32(0), Size: tea.Int32(2)},
		&contact.SearchDepartmentHeaders{XAcsDingtalkAccessToken: tea.String(token)}, &util.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

func TestSearches(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.appToken()
	people, err := k.people(token, "张三")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tea.StringSliceValue(people.List), "zhang01") || tea.Int64Value(people.TotalCount) < 1 {
		t.Errorf("people: %v", people)
	}
	all := k.Departments(1)
	departments, err := k.departments(token, all[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tea.Int64ValueSlice(departments.List), all[0].ID) {
		t.Errorf("departments: %v, want %d among them", departments, all[0].ID)
	}
}
