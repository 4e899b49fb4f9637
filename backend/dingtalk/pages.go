package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
)

// The sizes of a page of people. 100 is the most that DingTalk gives by the
// short list's page and the official SDKs; user/list's own page names no limit.
const (
	pageSize  = 100
	leastSize = 10
)

// sized asks for a page, and for one of half the size as long as DingTalk says
// 40069, that it does not take the size. What it takes stays in size, for the
// pages after this one.
func sized[T any](size *int64, get func(size int64) (page[T], error)) (page[T], error) {
	for {
		got, err := get(*size)
		if err == nil || cause(err).effective() != "40069" || *size/2 < leastSize {
			return got, err
		}
		*size /= 2
	}
}

var errEndless = errors.New("the answer's pages do not end")

// page is one answer of a list.
type page[T any] struct {
	items []T
	more  bool
	next  int64 // the cursor of the next page, when there are more
}

// allPages asks for one page after the other, beginning at cursor 0, and gives
// what is on them. The first error ends it. A cursor that does not move on is
// one, and a page that is the one before again (the frozen lists count by
// offset and have no cursor), or a server's mistake would keep us asking for
// ever.
func allPages[T any](ctx context.Context, asked call, get func(ctx context.Context, cursor int64) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var before []T
		for cursor := int64(0); ; {
			got, err := get(ctx, cursor)
			if err == nil && repeats(got.items, before) {
				err = asked.wrong(errEndless)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range got.items {
				if !yield(item, nil) {
					return
				}
			}
			if !got.more {
				return
			}
			if got.next <= cursor {
				yield(none, asked.wrong(errEndless))
				return
			}
			cursor, before = got.next, got.items
		}
	}
}

// repeats reports whether a page has all that the one before it had, and
// nothing else.
func repeats[T any](page, before []T) bool {
	return len(page) > 0 && reflect.DeepEqual(page, before)
}

// each gives the elements of a list that came in one answer.
func each[T any](get func() ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		items, err := get()
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// strictly reads the elements of a list that must be there. Other than list
// does alone, it leaves none out: who is missing from a directory counts as
// gone.
func strictly[W, T any](raw *list[json.RawMessage], asked call, convert func(W) (T, error)) ([]T, error) {
	if raw == nil {
		return nil, asked.wrong(errMissing)
	}
	var items []T
	for _, element := range *raw {
		var wire W
		if json.Unmarshal(element, &wire) != nil {
			return nil, asked.wrong(errUnreadable)
		}
		item, err := convert(wire)
		if err != nil {
			return nil, asked.wrong(err)
		}
		items = append(items, item)
	}
	return items, nil
}

// id is a user id, for strictly.
func (t text) id() (string, error) {
	if t == "" {
		return "", errMissing
	}
	return string(t), nil
}

// int64 is the number, for strictly.
func (n number) int64() (int64, error) { return int64(n), nil }
