// Sdk is the smallest program that signs somebody in with DingTalk's official
// Go SDK: an app token, a one-time code for a person's token, and who they are.
// Its size is compared with that of its sibling.
package main

import (
	"os"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	contact "github.com/alibabacloud-go/dingtalk/contact_1_0"
	oauth "github.com/alibabacloud-go/dingtalk/oauth2_1_0"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"
)

func main() {
	if err := run(); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n") // nowhere else to say it
		os.Exit(1)                                       //nolint:forbidigo // this is main
	}
}

func run() error {
	id, clientSecret := tea.String(os.Getenv("CLIENT_ID")), tea.String(os.Getenv("CLIENT_SECRET"))
	protocol, host, _ := strings.Cut(os.Getenv("API_URL"), "://")
	config := &openapi.Config{Protocol: tea.String(protocol), Endpoint: tea.String(host)}
	tokens, err := oauth.NewClient(config)
	if err != nil {
		return err
	}
	people, err := contact.NewClient(config)
	if err != nil {
		return err
	}
	if _, err := tokens.GetAccessToken(&oauth.GetAccessTokenRequest{AppKey: id, AppSecret: clientSecret}); err != nil {
		return err
	}
	grant, err := tokens.GetUserToken(&oauth.GetUserTokenRequest{
		ClientId: id, ClientSecret: clientSecret, GrantType: tea.String("authorization_code"), Code: tea.String(os.Getenv("CODE")),
	})
	if err != nil {
		return err
	}
	me, err := people.GetUserWithOptions(tea.String("me"),
		&contact.GetUserHeaders{XAcsDingtalkAccessToken: grant.Body.AccessToken}, &util.RuntimeOptions{})
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(tea.StringValue(me.Body.Nick) + "\n")
	return err
}
