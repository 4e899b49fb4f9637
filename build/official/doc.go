// Package official holds no product code: its tests put the clients that
// DingTalk itself publishes for Go before backend/sandbox, over real sockets.
// What they accept, and how they read it, is the best witness there is that the
// sandbox speaks DingTalk's language and not a dialect of our own client's.
//
//	make official
//
// The clients are pinned in a module of their own, so that nothing of them
// reaches the product's go.mod: github.com/alibabacloud-go/dingtalk for the
// newer API, and github.com/open-dingtalk/dingtalk-stream-sdk-go for the Stream
// gateway. The older API (oapi) has no official client for Go.
//
// The folder bench compares the product's client with the first of them;
// streamclient is a program around the second.
package official
