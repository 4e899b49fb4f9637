package sandbox

import "net/http"

// apis adds what DingTalk's two API hosts answer.
func (s *Sandbox) apis(mux *http.ServeMux) {
	mux.Handle("/v1.0/oauth2/userAccessToken", s.rest(http.MethodPost, s.userAccessToken))
	mux.Handle("/v1.0/oauth2/accessToken", s.rest(http.MethodPost, s.accessToken))
	mux.Handle("/v1.0/oauth2/{corpId}/token", s.rest(http.MethodPost, s.corpToken))
	mux.Handle("/v1.0/contact/users/{unionId}", s.rest(http.MethodGet, s.contactUser))
	mux.Handle("/v1.0/contact/users/search", s.restApp(PermitMember, s.findUsers))
	mux.Handle("/v1.0/contact/departments/search", s.restApp(PermitDepts, s.findDepartments))
	mux.HandleFunc("/v1.0/", s.noSuchURI)

	mux.Handle("/gettoken", s.legacy(s.getToken))
	mux.Handle("/topapi/user/getbyunionid", s.topapi(PermitMember, s.getByUnionID))
	mux.Handle("/topapi/v2/user/get", s.topapi(PermitMember, s.getUser))
	mux.Handle("/topapi/v2/user/getuserinfo", s.topapi(PermitBase, s.getUserInfo))
	mux.Handle("/topapi/v2/department/listsub", s.topapi(PermitDepts, s.deptListSub))
	mux.Handle("/topapi/v2/department/listsubid", s.topapi(PermitDepts, s.deptListSubID))
	mux.Handle("/topapi/v2/department/get", s.topapi(PermitDepts, s.deptGet))
	mux.Handle("/topapi/v2/department/listparentbydept", s.topapi(PermitDepts, s.deptParents))
	mux.Handle("/topapi/v2/department/listparentbyuser", s.topapi(PermitDepts, s.deptParentsOfUser))
	mux.Handle("/topapi/v2/user/list", s.topapi(PermitDeptMember, s.userList))
	mux.Handle("/topapi/user/listsimple", s.topapi(PermitDeptMember, s.userListSimple))
	mux.Handle("/topapi/user/listid", s.topapi(PermitMember, s.userListID))
	mux.Handle("/topapi/user/count", s.topapi(PermitMember, s.userCount))
	mux.Handle("/topapi/user/listadmin", s.topapi("", s.userListAdmin))
	mux.Handle("/topapi/v2/user/getbymobile", s.topapi(PermitByMobile, s.userByMobile))
	mux.HandleFunc("/topapi/", s.noSuchMethod)

	mux.Handle("/user/getUseridByUnionid", s.flat(http.MethodGet, PermitMember, s.userIDByUnionID))
	mux.Handle("/user/get", s.flat(http.MethodGet, PermitMember, s.legacyUser))
	mux.Handle("/user/getuserinfo", s.flat(http.MethodGet, PermitBase, s.legacyUserInfo))
	mux.Handle("/user/simplelist", s.flat(http.MethodGet, PermitDeptMember, s.legacySimpleList))
	mux.Handle("/user/listbypage", s.flat(http.MethodGet, PermitDeptMember, s.legacyListByPage))
	mux.Handle("/user/getDeptMember", s.flat(http.MethodGet, PermitMember, s.legacyMembers))
	mux.Handle("/user/get_org_user_count", s.flat(http.MethodGet, PermitMember, s.legacyCount))
	mux.Handle("/department/list", s.flat(http.MethodGet, PermitDepts, s.legacyDepartments))
	mux.Handle("/department/list_ids", s.flat(http.MethodGet, PermitDepts, s.legacyDepartmentIDs))
	mux.Handle("/department/get", s.flat(http.MethodGet, PermitDepts, s.legacyDepartment))
	mux.Handle("/auth/scopes", s.flat(http.MethodGet, "", s.scopes))
	mux.Handle("/sns/gettoken", s.legacy(s.snsGetToken))
	mux.Handle("/sns/get_persistent_code", s.legacy(s.snsPersistentCode))
	mux.Handle("/sns/get_sns_token", s.legacy(s.snsToken))
	mux.Handle("/sns/getuserinfo", s.legacy(s.snsUserInfo))
	mux.Handle("/sns/getuserinfo_bycode", s.legacy(s.snsUserInfoByCode))
}
