package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// A stand-in plays DingTalk here; leave the three URLs out for the real one.
func Example() {
	standIn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, map[string]string{
			exchangePath: goodExchange, mePath: goodMe, tokenPath: goodToken, memberPath: goodMember, userPath: goodUser,
		}[r.URL.Path])
	}))
	defer standIn.Close()

	client := &dingtalk.Client{
		ClientID:     "dingabc123",
		ClientSecret: secret.New("the app's secret"),
		CorpID:       "ding0a1b",
		LoginURL:     standIn.URL,
		APIURL:       standIn.URL,
		OAPIURL:      standIn.URL,
	}
	ctx := context.Background()

	// While the person looks for their phone:
	if err := client.Warm(ctx); err != nil {
		fmt.Println("warning:", login.CodeOf(err))
	}
	// After DingTalk has sent the browser back with a code:
	who, err := client.Identify(ctx, secret.New("the code"), nil)
	if err != nil {
		fmt.Println("refused:", login.CodeOf(err), login.DetailOf(err))
		return
	}
	fmt.Println(who.DisplayName(), who.JobNo, who.Departments)
	// Output: 张三 A007 [1 88001]
}

// answers is a client of a stand-in that answers by path.
func answers(paths map[string]string) (client *dingtalk.Client, end func()) {
	standIn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, paths[r.URL.Path])
	}))
	client = &dingtalk.Client{
		ClientID: "dingabc123", ClientSecret: secret.New("the app's secret"), CorpID: "ding0a1b",
		LoginURL: standIn.URL, APIURL: standIn.URL, OAPIURL: standIn.URL,
	}
	return client, standIn.Close
}

// Everybody of a department, page by page.
func ExampleClient_Users() {
	client, end := answers(map[string]string{
		tokenPath:              goodToken,
		"/topapi/v2/user/list": `{"errcode":0,"result":{"has_more":false,"list":[{"userid":"zhang01","name":"张三"},{"userid":"li02","name":"李四"}]}}`,
	})
	defer end()
	for user, err := range client.Users(context.Background(), dingtalk.RootDepartment) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.UserID, user.Name)
	}
	// Output:
	// zhang01 张三
	// li02 李四
}

// A person's own token, for as long as they stay signed in.
func ExampleSession() {
	client, end := answers(map[string]string{exchangePath: goodExchange, mePath: goodMe})
	defer end()
	ctx := context.Background()

	session := &dingtalk.Session{Client: client, Slot: "zhang01"} // with a Keeper it outlives the process
	defer session.Close()
	grant, err := client.ExchangeCode(ctx, secret.New("the code"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := session.Begin(ctx, grant); err != nil {
		fmt.Println(err)
		return
	}
	var me dingtalk.Profile
	err = session.Use(ctx, func(token secret.Text) (err error) {
		me, err = client.Me(ctx, token)
		return err
	})
	fmt.Println(me.Nick, err)
	// Output: 阿明 <nil>
}

// Who opened our page inside the DingTalk app.
func ExampleClient_IdentifyVisitor() {
	client, end := answers(map[string]string{tokenPath: goodToken, visitorPath: goodVisitor, memberPath: goodMember, userPath: goodUser})
	defer end()
	who, err := client.IdentifyVisitor(context.Background(), secret.New("what dd.requestAuthCode gave"))
	fmt.Println(who.DisplayName(), err)
	// Output: 张三 <nil>
}

// What a program does about a failure, and what an administrator reads.
func ExampleError() {
	client, end := answers(map[string]string{tokenPath: goodToken, memberPath: `{"errcode":88,"sub_code":"60011"}`})
	defer end()
	_, err := client.UserIDByUnionID(context.Background(), "uXyZ34iEiE")
	if failure, ok := errors.AsType[*dingtalk.Error](err); ok {
		fmt.Println(failure.Class())
	}
	fmt.Println(login.CodeOf(err), login.DetailOf(err))
	// Output:
	// settings
	// permission_missing qyapi_get_member
}

// A sign-in on a device without a browser. Experimental: see AuthorizeDevice.
func ExampleClient_AwaitDevice() {
	client, end := answers(map[string]string{
		deviceCodePath: goodDevice, deviceTokenPath: goodPoll,
		exchangePath: goodExchange, mePath: goodMe, tokenPath: goodToken, memberPath: goodMember, userPath: goodUser,
	})
	defer end()
	ctx := context.Background()
	auth, err := client.AuthorizeDevice(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("scan", auth.PageWithCode)
	code, err := client.AwaitDevice(ctx, auth)
	if err != nil {
		fmt.Println("refused:", login.CodeOf(err))
		return
	}
	who, err := client.Identify(ctx, code, nil)
	fmt.Println(who.DisplayName(), err)
	// Output:
	// scan https://login.dingtalk.com/oauth2/device?user_code=ABCD-EFGH
	// 张三 <nil>
}

// A department's people, the newest first and with English names.
func ExampleDirectory() {
	client, end := answers(map[string]string{
		tokenPath:                 goodToken,
		"/topapi/user/listsimple": `{"errcode":0,"result":{"has_more":false,"list":[{"userid":"li02","name":"Li Si"}]}}`,
	})
	defer end()
	directory := dingtalk.Directory{Client: client, Language: dingtalk.English, Order: dingtalk.OrderEntryDesc}
	for user, err := range directory.UserNames(context.Background(), dingtalk.RootDepartment) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.UserID, user.Name)
	}
	// Output: li02 Li Si
}

// People by a part of their name.
func ExampleClient_SearchUsers() {
	client, end := answers(map[string]string{tokenPath: goodToken, searchUsersPath: `{"hasMore":false,"totalCount":1,"list":["zhang01"]}`})
	defer end()
	for userID, err := range client.SearchUsers(context.Background(), "张", false) {
		fmt.Println(userID, err)
	}
	// Output: zhang01 <nil>
}

// An administrator who opened the app's back office from DingTalk's admin
// console.
func ExampleSSO() {
	client, end := answers(map[string]string{ssoTokenPath: goodSSOToken, ssoUserPath: goodSSOUser})
	defer end()
	sso := &dingtalk.SSO{Client: client, Secret: secret.New("the company's SSOsecret")}
	who, err := sso.User(context.Background(), secret.New("the code"))
	fmt.Println(who.Name, who.Admin, err)
	// Output: 李思 true <nil>
}

// The app of a suite, at one of the companies that use it.
func ExampleClient_suite() {
	standIn, end := answers(map[string]string{suitePath: goodToken, memberPath: goodMember})
	defer end()
	client := &dingtalk.Client{
		ClientID: "suiteabc123", ClientSecret: secret.New("the suite's secret"), CorpID: "ding0a1b",
		TokenCall: dingtalk.TokenBySuite,
		SuiteTicket: func(context.Context) (secret.Text, error) {
			return secret.New("the last ticket that the callback address got"), nil
		},
		APIURL: standIn.APIURL, OAPIURL: standIn.OAPIURL,
	}
	member, err := client.UserIDByUnionID(context.Background(), "uXyZ34iEiE")
	fmt.Println(member.UserID, err)
	// Output: zhang01 <nil>
}
