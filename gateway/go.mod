module schakel.example/gateway

go 1.26.0

replace schakel.example/proto => ../proto
