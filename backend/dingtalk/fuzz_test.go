package dingtalk_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dingpass/dingpass/backend/dingtalk"
)

func FuzzEnvelope(f *testing.F) {
	for _, body := range []string{
		goodExchange, goodMe, goodToken, goodMember, goodUser, ``, `null`, `[]`, `<html>`, `{"errcode":"88","sub_code":" 40014"}`,
		`{"code":"Forbidden.AccessDenied.IpNotInWhiteList","message":"ip 203.0.113.7"}`, `{"errcode":88}`, `{"ErrCode":1e0}`,
		`{"status":1111,"punish":"deny"}`, `{"accessdenieddetail":"{\"requiredScopes\":\"x\"}","errcode":60011}`, `{"errcode":60020,"errmsg":"::"}`,
	} {
		f.Add(200, body)
		f.Add(403, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := dingtalk.Judge(status, []byte(body))
		if e == nil {
			if status < 200 || status > 299 {
				t.Errorf("HTTP %d is a success", status)
			}
			var plain struct{ ErrCode int }
			if json.Unmarshal([]byte(body), &plain) == nil && plain.ErrCode != 0 {
				t.Errorf("errcode %d is a success", plain.ErrCode)
			}
			return
		}
		if dingtalk.CodeOf(e) == "" {
			t.Error("a refusal without a code")
		}
		said := append([]string{e.Code, e.SubCode, e.RequestID, e.Address}, e.RequiredScopes...)
		if text := strings.Join(said, ""); strings.ContainsAny(text, " \r\n\"<>&/\\") || len(text) > 2000 {
			t.Errorf("text came through: %q", said)
		}
	})
}

func FuzzUser(f *testing.F) {
	for _, record := range []string{
		`{"userid":"zhang01","active":"true","dept_id_list":"[2,3,4]","dept_order_list":{"dept_id":"2","order":"176200000000000001"}}`,
		`{"dept_id_list":[1,"x",{},2.5,9223372036854775807],"active":0,"admin":"1"}`, `{"name":7,"title":null,"job_number":-1e9}`, `{"dept_id_list":{"1":2}}`,
		`{"dept_id_list":"\"[1]\""}`, `{}`, `null`, `{"active":{}}`,
	} {
		f.Add(record, int64(176200000000000001))
	}
	f.Fuzz(func(t *testing.T, record string, order int64) {
		var wire dingtalk.WireUser
		if json.Unmarshal([]byte(record), &wire) == nil {
			wire.Decoded()
		}
		// What only describes a person keeps nobody out, whatever it is.
		if json.Valid([]byte(record)) {
			for _, name := range []string{"name", "hired_date", "hiredDate", "senior", "isSenior", "real_authed", "hide_mobile", "isHide", "extension", "role_list", "leader_in_dept", "dept_order_list", "orderInDepts", "title"} {
				var wire dingtalk.WireUser
				if err := json.Unmarshal([]byte(`{"userid":"zhang01",`+strconv.Quote(name)+`:`+record+`}`), &wire); err != nil || wire.Decoded().UserID != "zhang01" {
					t.Errorf("%s %s: %v", name, record, err)
				}
			}
		}
		// No number loses a digit on its way, quoted or not.
		plain := strconv.FormatInt(order, 10)
		for _, written := range []string{plain, strconv.Quote(plain)} {
			var wire dingtalk.WireUser
			if err := json.Unmarshal([]byte(`{"dept_id_list":[`+written+`],"dept_order_list":[{"dept_id":1,"order":`+written+`}]}`), &wire); err != nil {
				t.Fatal(err)
			}
			got := wire.Decoded()
			if len(got.Departments) != 1 || got.Departments[0] != order || got.Orders[0].Order != order {
				t.Errorf("%s became %+v", written, got)
			}
		}
	})
}

func FuzzFrozenUser(f *testing.F) {
	for _, record := range []string{
		goodOldUser, `{"userid":"zhang01","orderInDepts":"{88001:176200000000000001}","isLeaderInDepts":"{88001:true}"}`,
		`{"orderInDepts":{"1":{"2":3}}}`, `{"extattr":"{\"a\":1}"}`, `{"orderInDepts":"{:,,}"}`, `{"roles":{"id":"7"}}`, `{"hiredDate":-9223372036854775808}`,
	} {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, record string) {
		var wire dingtalk.WireUser
		if json.Unmarshal([]byte(record), &wire) != nil {
			return
		}
		user := wire.Decoded()
		if !user.HiredAt.IsZero() && user.HiredAt.Location() != time.UTC {
			t.Error("a time of this machine's")
		}
		for name := range user.Extra {
			if !utf8.ValidString(name) {
				t.Errorf("%q", name)
			}
		}
	})
}
