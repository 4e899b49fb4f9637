package inside_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk/inside"
)

func TestThePageEscapesWhatItIsTold(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	err := inside.Page(&page, inside.Options{CorpID: `"><script>`, ClientID: "dingabc123", Post: "/inside", Script: "/assets/inside.js", Language: "zh-CN"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`lang="zh-CN"`, `src="` + inside.JSAPI + `"`, `src="/assets/inside.js"`, `data-client="dingabc123"`, `data-post="/inside"`, `data-corp="&#34;&gt;&lt;script&gt;"`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %s:\n%s", want, &page)
		}
	}
	if !bytes.Contains(inside.Script(), []byte("requestAuthCode")) {
		t.Error("the script is not there")
	}
}

// Node runs the script's own tests, with a scripted dd. It is needed to build
// the interface as well.
func TestTheScriptWithAScriptedApp(t *testing.T) {
	t.Parallel()
	said, err := exec.CommandContext(t.Context(), "node", "--test", "testdata/page.test.mjs").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
