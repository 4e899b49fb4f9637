package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// calls are what DingTalk's two API hosts answer, by route.
func (s *Sandbox) calls() map[string]http.Handler {
	return map[string]http.Handler{
		"/v1.0/oauth2/userAccessToken":           s.rest(http.MethodPost, s.userAccessToken),
		"/v1.0/oauth2/accessToken":               s.rest(http.MethodPost, s.accessToken),
		"/v1.0/oauth2/{corpId}/token":            s.rest(http.MethodPost, s.corpToken),
		"/v1.0/oauth2/corpAccessToken":           s.rest(http.MethodPost, s.corpAccessToken),
		"/v1.0/oauth2/ssoAccessToken":            s.rest(http.MethodPost, s.ssoAccessToken),
		"/v1.0/oauth2/ssoUserInfo":               s.rest(http.MethodGet, s.ssoUserInfo),
		"/service/get_corp_token":                s.legacy(s.getCorpToken),
		"/v1.0/contact/users/{unionId}":          s.rest(http.MethodGet, s.contactUser),
		"/v1.0/contact/users/search":             s.restApp(PermitMember, s.findUsers),
		"/v1.0/contact/departments/search":       s.restApp(PermitDepts, s.findDepartments),
		"/v1.0/contact/orgAccounts/signOut":      s.restApp(PermitSignOut, s.signOut),
		"/v1.0/gateway/connections/open":         s.openConnection(),
		"/gettoken":                              s.legacy(s.getToken),
		"/topapi/user/getbyunionid":              s.topapi(PermitMember, s.getByUnionID),
		"/topapi/v2/user/get":                    s.topapi(PermitMember, s.getUser),
		"/topapi/v2/user/getuserinfo":            s.topapi(PermitBase, s.getUserInfo),
		"/topapi/v2/department/listsub":          s.topapi(PermitDepts, s.deptListSub),
		"/topapi/v2/department/listsubid":        s.topapi(PermitDepts, s.deptListSubID),
		"/topapi/v2/department/get":              s.topapi(PermitDepts, s.deptGet),
		"/topapi/v2/department/listparentbydept": s.topapi(PermitDepts, s.deptParents),
		"/topapi/v2/department/listparentbyuser": s.topapi(PermitDepts, s.deptParentsOfUser),
		"/topapi/v2/user/list":                   s.topapi(PermitDeptMember, s.userList),
		"/topapi/user/listsimple":                s.topapi(PermitDeptMember, s.userListSimple),
		"/topapi/user/listid":                    s.topapi(PermitMember, s.userListID),
		"/topapi/user/count":                     s.topapi(PermitMember, s.userCount),
		"/topapi/user/listadmin":                 s.topapi("", s.userListAdmin),
		"/topapi/v2/user/getbymobile":            s.topapi(PermitByMobile, s.userByMobile),
		"/user/getUseridByUnionid":               s.flat(http.MethodGet, PermitMember, s.userIDByUnionID),
		"/user/get":                              s.flat(http.MethodGet, PermitMember, s.legacyUser),
		"/user/getuserinfo":                      s.flat(http.MethodGet, PermitBase, s.legacyUserInfo),
		"/user/simplelist":                       s.flat(http.MethodGet, PermitDeptMember, s.legacySimpleList),
		"/user/listbypage":                       s.flat(http.MethodGet, PermitDeptMember, s.legacyListByPage),
		"/user/getDeptMember":                    s.flat(http.MethodGet, PermitMember, s.legacyMembers),
		"/user/get_org_user_count":               s.flat(http.MethodGet, PermitMember, s.legacyCount),
		"/department/list":                       s.flat(http.MethodGet, PermitDepts, s.legacyDepartments),
		"/department/list_ids":                   s.flat(http.MethodGet, PermitDepts, s.legacyDepartmentIDs),
		"/department/get":                        s.flat(http.MethodGet, PermitDepts, s.legacyDepartment),
		"/auth/scopes":                           s.flat(http.MethodGet, "", s.scopes),
		"/call_back/register_call_back":          s.flat(http.MethodPost, "", s.registerCallback),
		"/call_back/update_call_back":            s.flat(http.MethodPost, "", s.updateCallback),
		"/call_back/get_call_back":               s.flat(http.MethodGet, "", s.getCallback),
		"/call_back/delete_call_back":            s.flat(http.MethodGet, "", s.deleteCallback),
		"/call_back/get_call_back_failed_result": s.flat(http.MethodGet, "", s.failedCallbacks),
		"/sns/gettoken":                          s.legacy(s.snsGetToken),
		"/sns/get_persistent_code":               s.legacy(s.snsPersistentCode),
		"/sns/get_sns_token":                     s.legacy(s.snsToken),
		"/sns/getuserinfo":                       s.legacy(s.snsUserInfo),
		"/sns/getuserinfo_bycode":                s.legacy(s.snsUserInfoByCode),
	}
}

// apis adds the calls, and what is said of a path that is none.
func (s *Sandbox) apis(mux *http.ServeMux) {
	calls := s.calls()
	for route, call := range calls {
		mux.Handle(route, call)
	}
	mux.HandleFunc("/v1.0/", s.noSuchURI)
	for _, folder := range []string{"topapi", "user", "department", "auth", "call_back", "sns"} {
		mux.HandleFunc("/"+folder+"/", s.noSuchMethod)
	}
	s.endpoints = slices.Sorted(maps.Keys(calls))
}
