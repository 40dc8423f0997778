package sqldb

import "time"

// SetCommitLimit lets a test wait less for a server that does not answer.
func (db *DB) SetCommitLimit(d time.Duration) { db.commitLimit = d }
