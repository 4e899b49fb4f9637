// Dingpass is the smallest program that signs somebody in with the product's
// client: an app token, a one-time code for a person's token, and who they are.
// Its size is compared with that of its sibling.
package main

import (
	"context"
	"os"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
)

func main() {
	if err := run(context.Background()); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n") // nowhere else to say it
		os.Exit(1)                                       //nolint:forbidigo // this is main
	}
}

func run(ctx context.Context) error {
	client := &dingtalk.Client{
		ClientID: os.Getenv("CLIENT_ID"), ClientSecret: secret.New(os.Getenv("CLIENT_SECRET")), APIURL: os.Getenv("API_URL"),
	}
	if _, err := client.AppToken(ctx); err != nil {
		return err
	}
	grant, err := client.ExchangeCode(ctx, secret.New(os.Getenv("CODE")))
	if err != nil {
		return err
	}
	me, err := client.Me(ctx, grant.AccessToken)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(me.Nick + "\n")
	return err
}
