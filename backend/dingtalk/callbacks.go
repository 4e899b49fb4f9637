package dingtalk

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/secret"
)

// Callback is the address at which an app of the older call_back API receives
// events, one for each app; apps of the console have theirs there. Package
// callback has what answers at it, with the corpId as the owner.
type Callback struct {
	URL    string      // public, answered without a redirect
	Tags   []string    // the types of events to send, such as user_leave_org
	Token  secret.Text // 6–63 letters and digits
	AESKey secret.Text // 43 letters and digits
}

// RegisterCallback sets the app's address. DingTalk tests it at once, with
// check_url, so that it must answer already. The app must not have one: else
// the *Error inside has the code 71006, and [Client.UpdateCallback] is meant.
// 71008 is a tag that is none, 71009 an answer that was not the sealed success,
// 71012 an address that is out of reach or redirects, 71013 one that is
// blocked; 900001 to 900010 are those of callback.Code.
func (c *Client) RegisterCallback(ctx context.Context, address Callback) error {
	return c.saveCallback(ctx, "/call_back/register_call_back", address)
}

// UpdateCallback changes the app's address, or its tags or keys. DingTalk tests
// it as RegisterCallback's. Without one the *Error inside has the code 71007.
func (c *Client) UpdateCallback(ctx context.Context, address Callback) error {
	return c.saveCallback(ctx, "/call_back/update_call_back", address)
}

func (c *Client) saveCallback(ctx context.Context, path string, address Callback) error {
	save := post(path, wireCallback{
		Tags:   append([]string{}, address.Tags...), // [] for none, never null
		Token:  address.Token.Reveal(),
		AESKey: address.AESKey.Reveal(),
		URL:    address.URL,
	})
	save.once = true // a second registration would be refused with 71006
	return c.asApp(ctx, save, &struct{}{})
}

// wireCallback is an address as it is sent.
type wireCallback struct {
	Tags   []string `json:"call_back_tag"`
	Token  string   `json:"token"`
	AESKey string   `json:"aes_key"`
	URL    string   `json:"url"`
}

// RegisteredCallback is the app's address. Without one the *Error inside has
// the code 71007.
func (c *Client) RegisteredCallback(ctx context.Context) (Callback, error) {
	ask := get("/call_back/get_call_back", nil)
	var got struct {
		URL    text       `json:"url"`
		Tags   list[text] `json:"call_back_tag"`
		Token  text       `json:"token"`
		AESKey text       `json:"aes_key"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return Callback{}, err
	}
	if got.URL == "" {
		return Callback{}, ask.wrong(errMissing)
	}
	registered := Callback{URL: string(got.URL), Token: secret.New(string(got.Token)), AESKey: secret.New(string(got.AESKey))}
	for _, tag := range got.Tags {
		registered.Tags = append(registered.Tags, string(tag))
	}
	return registered, nil
}

// DeleteCallback forgets the app's address. Without one the *Error inside has
// the code 71007.
func (c *Client) DeleteCallback(ctx context.Context) error {
	remove := get("/call_back/delete_call_back", nil)
	remove.once = true
	return c.asApp(ctx, remove, &struct{}{})
}

// FailedCallbacks reads the events that DingTalk could not deliver, a page of
// up to 200 at a time, until there are no more. The first error ends it.
//
// Each read clears what it returns: DingTalk forgets a page when it sends it.
// What is lost on the way, or in a crash before it is handled, does not come
// back. That is why whole pages are given, not single events: write each to
// disk in one transaction before asking for the next, and handle it from there.
//
//	for page, err := range client.FailedCallbacks(ctx) {
//		if err != nil {
//			return err // and read the whole directory: a page may be lost
//		}
//		if err := queue.Keep(page); err != nil {
//			return err
//		}
//	}
//
// Let one process do it, now and then and after each time that the address was
// out of reach; the events have no ids by which a second delivery could be
// told. An entry of which nothing can be read is an event with only Raw set. A
// page that is the one before again, in every byte, is an error: it was not
// cleared, and there would be no end.
func (c *Client) FailedCallbacks(ctx context.Context) iter.Seq2[[]callback.Event, error] {
	return func(yield func([]callback.Event, error) bool) {
		var before []callback.Event
		for {
			page, more, err := c.failedCallbacks(ctx)
			if err == nil && repeats(page, before) {
				err = failedResults().wrong(errEndless)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			// An empty page ends it, whatever has_more says, or we would ask on
			// for ever.
			if len(page) == 0 || !yield(page, nil) || !more {
				return
			}
			before = page
		}
	}
}

// failedCallbacks is one page, and whether there are more.
func (c *Client) failedCallbacks(ctx context.Context) (page []callback.Event, more bool, err error) {
	var got struct {
		HasMore flag                  `json:"has_more"`
		Failed  list[json.RawMessage] `json:"failed_list"`
	}
	if err := c.asApp(ctx, failedResults(), &got); err != nil {
		return nil, false, err
	}
	for _, entry := range got.Failed {
		event, err := callback.ParseFailed(entry)
		if err != nil {
			event = callback.Event{Raw: entry}
		}
		page = append(page, event)
	}
	return page, got.HasMore.value, nil
}

// failedResults is asked for again only when DingTalk has said that it was busy
// or did not take the token. A lost answer is an error: the next one would be
// the next page.
func failedResults() call {
	ask := get("/call_back/get_call_back_failed_result", nil)
	ask.once = true
	return ask
}
