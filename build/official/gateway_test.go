package official_test

import (
	"net/url"
	"strings"
	"testing"

	gateway "github.com/alibabacloud-go/dingtalk/gateway_1_0"
	"github.com/alibabacloud-go/tea/tea"
)

// The Go SDK of the newer API can open a Stream connection as well, with a body
// of its own making.
func TestTheGatewayGivesATicket(t *testing.T) {
	t.Parallel()
	k := start(t)
	client, err := gateway.NewClient(k.config())
	if err != nil {
		t.Fatal(err)
	}
	open := func(clientSecret string) (*gateway.OpenConnectionResponse, error) {
		return client.OpenConnection(&gateway.OpenConnectionRequest{
			ClientId: tea.String(k.App().ClientID), ClientSecret: tea.String(clientSecret), LocalIp: tea.String("192.0.2.10"),
			Subscriptions: []*gateway.OpenConnectionRequestSubscriptions{{Type: tea.String("EVENT"), Topic: tea.String("*")}},
		})
	}
	got, err := open(k.App().ClientSecret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if want := "ws" + strings.TrimPrefix(k.URL(), "http") + "/connect"; tea.StringValue(got.Body.Endpoint) != want || tea.StringValue(got.Body.Ticket) == "" {
		t.Errorf("got %v", got.Body)
	}
	// The Stream SDK for Go puts the ticket into the URL as it is.
	if ticket := tea.StringValue(got.Body.Ticket); url.QueryEscape(ticket) != ticket {
		t.Errorf("the ticket %s has to be encoded, and not every client does", ticket)
	}
	_, err = open("guess")
	isRefused(t, err, 400, "invalidClientIdOrSecret")
}
