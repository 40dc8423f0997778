module schakel.example/services

go 1.26.0

replace (
	schakel.example/gateway => ../gateway
	schakel.example/proto => ../proto
)
