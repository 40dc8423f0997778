package sqldb

import (
	"strconv"
	"strings"
)

// Where gathers the conditions of a statement with their arguments. The zero
// Where holds none. The texts are trusted; only arguments may come from outside.
type Where struct {
	conditions []string
	args       []any
}

// And adds a condition, in which each ? stands for the next argument.
func (w *Where) And(condition string, args ...any) {
	w.conditions = append(w.conditions, w.Number(condition, args...))
}

// Number adds arguments only, and returns the text with their placeholders for
// each ?: a condition that the caller puts where it belongs, more than once
// perhaps.
func (w *Where) Number(text string, args ...any) string {
	for _, arg := range args {
		w.args = append(w.args, arg)
		text = strings.Replace(text, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	return text
}

// In adds that a column is one of the values; no values is no condition.
func In[T any](w *Where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.And(column+" IN ("+strings.Repeat("?, ", len(values)-1)+"?)", args...)
}

// Arg adds an argument and returns its placeholder, for what comes after the
// conditions.
func (w *Where) Arg(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

// Args are the arguments so far, in the order of their placeholders.
func (w *Where) Args() []any { return w.args }

// String is the WHERE clause; empty without conditions.
func (w *Where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// Tuples writes placeholders for rows of so many columns, numbered on from
// first: Tuples(1, 2, 2) is "($1,$2),($3,$4)".
func Tuples(first, rows, columns int) string {
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		for j := range columns {
			b.WriteString([]string{"(", ","}[min(j, 1)] + "$" + strconv.Itoa(first+i*columns+j))
		}
		b.WriteByte(')')
	}
	return b.String()
}
