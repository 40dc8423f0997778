package screen

// Unseen says whether a character is not in the view.
func Unseen(r rune) bool { return foldRune(r) == unseen }
