// Package table reads signals from tables: CSV files, and the sheets of XLSX
// workbooks. A mapping says which column is which field; without one the headings
// are the names of the fields on the wire.
//
// Invariants:
//   - Rows are read one at a time: a table may be larger than memory, but for the
//     shared strings of a workbook.
//   - What cannot be read of a cell is a problem of that cell, named by sheet,
//     row and column; the other rows go on.
//   - A fault of a field that Schakel finds later leads back to its column.
//   - What a cell says is in no error.
//
// It must not judge a signal: that does Schakel, for every way in alike.
package table
