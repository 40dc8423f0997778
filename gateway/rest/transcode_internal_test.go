package rest

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

// broken is a connection to a caller who went away.
type broken struct{ *httptest.ResponseRecorder }

func (broken) Write([]byte) (int, error) {
	return 0, errors.New("write tcp 127.0.0.1:80->192.0.2.7:4444: broken pipe")
}

// grpc-gateway logs the error.
func TestTheErrorOfAnAnswerTellsNothingOfTheCaller(t *testing.T) {
	t.Parallel()
	a := &answer{ResponseWriter: broken{httptest.NewRecorder()}, exchange: &exchange{}}
	if _, err := a.Write([]byte("x")); err == nil || strings.Contains(err.Error(), "192.0.2.7") {
		t.Errorf("error %v", err)
	}
}
