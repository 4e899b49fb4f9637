package dingtalk_test

import (
	"context"
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
