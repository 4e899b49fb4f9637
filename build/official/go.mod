// DingTalk's own clients, apart from the product so that nothing of them reaches
// its go.mod. Used by «make official» and «make bench».
module github.com/dingpass/dingpass/build/official

go 1.26.0

require (
	github.com/alibabacloud-go/darabonba-openapi/v2 v2.0.11
	github.com/alibabacloud-go/dingtalk v1.6.88
	github.com/alibabacloud-go/tea v1.2.2
	github.com/alibabacloud-go/tea-utils/v2 v2.0.6
	github.com/dingpass/dingpass v0.0.0
	github.com/gorilla/websocket v1.5.3
	github.com/open-dingtalk/dingtalk-stream-sdk-go v0.9.1
)

require (
	github.com/alibabacloud-go/alibabacloud-gateway-spi v0.0.5 // indirect
	github.com/alibabacloud-go/debug v1.0.1 // indirect
	github.com/alibabacloud-go/gateway-dingtalk v1.0.2 // indirect
	github.com/alibabacloud-go/openapi-util v0.1.1 // indirect
	github.com/alibabacloud-go/tea-xml v1.1.3 // indirect
	github.com/aliyun/credentials-go v1.4.5 // indirect
	github.com/clbanning/mxj/v2 v2.5.5 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	github.com/skip2/go-qrcode v0.0.0-20200617195104-da1b6568686e // indirect
	github.com/tjfoc/gmsm v1.4.1 // indirect
	golang.org/x/net v0.56.0 // indirect
	gopkg.in/ini.v1 v1.67.0 // indirect
)

replace github.com/dingpass/dingpass => ../..
