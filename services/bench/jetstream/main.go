// Command jetstream is the NATS server with JetStream that Schakel's stream is
// compared with: one process, with its streams in files that are flushed to the
// disk at each message (sync always; by default it flushes every two minutes).
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func main() {
	dir := flag.String("data", "", "folder for its data")
	port := flag.Int("port", 4222, "port on 127.0.0.1")
	flag.Parse()
	if err := serve(*dir, *port); err != nil {
		fmt.Fprintln(os.Stderr, "jetstream:", err)
		os.Exit(1)
	}
}

// serve serves until it is asked to stop.
func serve(dir string, port int) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, SyncAlways: true, NoLog: true, NoSigs: true,
	})
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return errors.New("it does not start")
	}
	<-stop
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}
