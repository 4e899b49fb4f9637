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
