package reference

// Office is a person by function: the organisation and the post held there,
// never a name.
type Office struct {
	Organisation string // TOOI URI
	Function     string
}
