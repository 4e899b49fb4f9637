package dingtalk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// post is a call of the older API as it has been since 2021, with its arguments
// in a body.
func post(path string, body any) call {
	return call{api: older, method: http.MethodPost, path: path, body: body}
}

// get is a call of the older API with its arguments in the query, as nearly all
// that are frozen have them.
func get(path string, query url.Values) call {
	return call{api: older, method: http.MethodGet, path: path, query: query}
}

// either is the one of two calls that the client makes; they tell the same.
func (c *Client) either(permission string, today, before call) call {
	chosen := today
	if c.Legacy {
		chosen = before
	}
	chosen.permission = permission
	return chosen
}

// result makes a call and reads what it tells. Today's calls put a "result"
// around that; the frozen ones put it beside errcode. A wire type has the names
// of both.
func result[T any](ctx context.Context, c *Client, ask func(context.Context, call, any) error, what call) (T, error) {
	if c.Legacy {
		var bare T
		err := ask(ctx, what, &bare)
		return bare, err
	}
	var got struct {
		Result T `json:"result"`
	}
	err := ask(ctx, what, &got)
	return got.Result, err
}

// decimal is a number in a query.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }
