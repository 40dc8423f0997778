module schakel.example/services/bench

go 1.26.0

replace (
	schakel.example/gateway => ../../gateway
	schakel.example/proto => ../../proto
	schakel.example/services => ../
)

exclude (
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50
	golang.org/x/exp v0.0.0-20261011100332-faecfb24eb49
)
