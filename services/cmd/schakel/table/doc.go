// Package table reads signals from tables: CSV files, and the sheets of XLSX
// workbooks. A mapping says which column is which field; without one the headings
// are the names of the fields on the wire.
//
// Invariants:
//   - Rows are read one at a time: a table may be larger than memory, but for the
//     shared strings of a workbook.
//   - A cell that does not hold what its field takes is passed on as it is, so that
//     Schakel refuses it with all else that is wrong with the row. What is no text
//     at all is a problem of its cell; the other rows go on.
//   - A fault of a field leads back to its cell, by sheet, row and column.
//   - What a cell says is in no error.
//
// It must not judge a signal: that does Schakel, for every way in alike.
package table
