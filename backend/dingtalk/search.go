package dingtalk

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
)

// SearchUsers are the people whose name has the word in it, or with exact is
// the word, by user id and as they are paged. Which permission it needs is not
// documented; a refusal may name it.
func (c *Client) SearchUsers(ctx context.Context, word string, exact bool) iter.Seq2[string, error] {
	query := map[string]any{"queryWord": word}
	if exact {
		query["fullMatchField"] = 1
	}
	return search(ctx, c, "/v1.0/contact/users/search", query, text.id)
}

// SearchDepartments are the departments whose name has the word in it, by id
// and as they are paged.
func (c *Client) SearchDepartments(ctx context.Context, word string) iter.Seq2[int64, error] {
	return search(ctx, c, "/v1.0/contact/departments/search", map[string]any{"queryWord": word}, number.int64)
}

// searchSize is a page's. How many DingTalk gives at most is not documented;
// this is what its own examples ask for.
const searchSize = 20

// search are the pages of either search. They count by offset.
func search[W, T any](ctx context.Context, c *Client, path string, query map[string]any, convert func(W) (T, error)) iter.Seq2[T, error] {
	ask := newPost(path, nil)
	return allPages(ctx, ask, func(ctx context.Context, offset int64) (page[T], error) {
		body := maps.Clone(query)
		body["offset"], body["size"] = offset, searchSize
		ask.body = body
		var got struct {
			More flag                   `json:"hasMore"`
			List *list[json.RawMessage] `json:"list"`
		}
		if err := c.asApp(ctx, ask, &got); err != nil {
			return page[T]{}, err
		}
		items, err := strictly(got.List, ask, convert)
		return page[T]{items: items, more: got.More.value, next: offset + int64(len(items))}, err
	})
}
