package identity_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	whole = identity.Identity{
		CorpID: "ding1234", UserID: "zhangsan", UnionID: "union1", OpenID: "open1",
		Name: "张三", Nick: "小张 <&>", Avatar: "https://static.example/a.png",
		Mobile: "13900001111", State: "86", Email: "z@example.com", OrgEmail: "zhang.san@corp.example",
		JobNo: "A007", Title: "工程师",
		Departments: []int64{1, 9007199254740993}, // the second does not fit a float64
		Admin:       true, Boss: true, Active: true,
	}
	unknown = identity.Identity{UserID: "lisi"}
)

func TestTheJSONFormIsTheContract(t *testing.T) {
	t.Parallel()
	noDepartment := whole
	noDepartment.Departments = []int64{}
	for file, id := range map[string]identity.Identity{
		"whole.json":         whole,
		"unknown.json":       unknown,
		"no_department.json": noDepartment,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			compact, err := json.Marshal(id)
			if err != nil {
				t.Fatal("encode:", err)
			}
			var got bytes.Buffer
			if err := json.Indent(&got, append(compact, '\n'), "", "  "); err != nil {
				t.Fatal("indent:", err)
			}
			golden := filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("JSON is\n%s\nthe contract says\n%s", got.String(), want)
			}
		})
	}
}

func TestDepartmentsAreNeverNullHoweverTheIdentityIsHeld(t *testing.T) {
	t.Parallel()
	held := map[string]any{
		"by value":           unknown,
		"by pointer":         &unknown,
		"in a field":         struct{ Identity identity.Identity }{unknown},
		"in a pointer field": struct{ Identity *identity.Identity }{&unknown},
		"in a slice":         []identity.Identity{unknown},
		"in a map":           map[string]identity.Identity{"id": unknown},
		"in a record":        identity.Record{Identity: unknown},
	}
	for name, value := range held {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Contains(encoded, []byte(`"departments":[]`)) {
			t.Errorf("%s: JSON is %s, want an empty array of departments", name, encoded)
		}
	}
	if unknown.Departments != nil {
		t.Error("encoding changed the identity")
	}
}

func TestJSONIsReadBackEqual(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(whole)
	if err != nil {
		t.Fatal("encode:", err)
	}
	var got identity.Identity
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal("decode:", err)
	}
	if !reflect.DeepEqual(got, whole) {
		t.Errorf("read back %+v, want %+v", got, whole)
	}
}

func TestDisplayNameIsTheBestThatIsKnown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		id   identity.Identity
		want string
	}{
		{"the name in the company first", identity.Identity{Name: "张三", Nick: "小张", UserID: "u1"}, "张三"},
		{"then the nickname", identity.Identity{Nick: "小张", UserID: "u1"}, "小张"},
		{"then the user id", identity.Identity{UserID: "u1"}, "u1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.id.DisplayName(); got != test.want {
				t.Errorf("name %q, want %q", got, test.want)
			}
		})
	}
}
