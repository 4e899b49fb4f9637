// Package conformance holds the client (packages dingtalk, callback and
// stream) and the sandbox against each other, over real sockets, and both
// against DingTalk's wire contract.
//
// The two were written from the same documents and share no code, so that a
// row that passes says that two readings agree. There is a table for each
// section of the contract, and a row for each thing that a section says: what
// comes out of the client when all is well, and for each error that DingTalk
// names, which one the client makes of it. The sandbox is brought into the
// row's situation through /_control, as anybody's tests could.
//
// Where the sandbox cannot be sloppy enough, because it speaks as DingTalk's
// servers were captured and not as its documentation prints it, the golden
// answers in testdata stand in: every shape that was seen or documented, beside
// what the client makes of it.
//
// The package has tests only.
package conformance_test
