package stream

import (
	"encoding/json"
	"net/http"
)

// verdict is what is to be said to a frame.
type verdict struct {
	code    int
	message string
	data    string
}

// taken tells DingTalk that it need not send the event again.
func taken() verdict {
	return verdict{http.StatusOK, "OK", `{"status":"SUCCESS","message":"success"}`}
}

// later asks for the event again. DingTalk's Java client says so with code 200,
// its Go client with 500; the latter cannot be taken for success by one who
// looks at the code alone.
func later() verdict {
	return verdict{http.StatusInternalServerError, "later", `{"status":"LATER","message":"later"}`}
}

// echo answers a ping.
func echo(data content) verdict { return verdict{http.StatusOK, "OK", string(data)} }

// unhandled tells that nobody here knows what to do with it.
func unhandled() verdict { return verdict{http.StatusNotFound, "no handler", ""} }

// failed tells that a call could not be answered.
func failed() verdict { return verdict{http.StatusInternalServerError, "failed", ""} }

// answered carries the answer to a call.
func answered(response any) verdict {
	data, err := json.Marshal(map[string]any{"response": response})
	if err != nil {
		return failed()
	}
	return verdict{http.StatusOK, "OK", string(data)}
}

// encode is the reply to the frame of that id.
func (v verdict) encode(messageID string) []byte {
	encoded, _ := json.Marshal(map[string]any{ // strings and a number can always be encoded
		"code":    v.code,
		"headers": map[string]string{"messageId": messageID, "contentType": "application/json"},
		"message": v.message,
		"data":    v.data,
	})
	return encoded
}
