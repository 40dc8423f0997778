package sqldb

import "time"

// Millis is t as stored: whole milliseconds since 1970-01-01T00:00:00Z. What is
// finer is cut off, so that a time equals itself after it was stored.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time is the stored time ms, in UTC.
func Time(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
