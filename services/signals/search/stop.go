package search

// isStop says whether a word stands in so many texts that it says nothing of any:
// articles, pronouns, prepositions, conjunctions and auxiliary verbs, and the
// letters that an apostrophe leaves ("foto's", "'s avonds"). What turns a meaning
// around, such as "niet" and "zonder", is kept.
func isStop(word string) bool {
	switch word {
	case "de", "het", "een", "der", "den", "des",
		"ik", "jij", "je", "u", "hij", "zij", "ze", "wij", "we", "men",
		"mij", "me", "jou", "hem", "haar", "ons", "onze", "hun", "hen", "zich",
		"mijn", "jouw", "uw", "zijn",
		"dit", "dat", "deze", "die", "er", "wie", "wat", "welke", "welk", "zo",
		"aan", "bij", "door", "in", "met", "na", "naar", "om", "op", "over", "te", "tot", "uit", "van", "voor",
		"en", "of", "maar", "als", "dan", "want", "omdat", "doordat", "zodat", "ook", "nog", "al", "toch",
		"is", "ben", "bent", "was", "waren", "geweest",
		"heb", "hebt", "heeft", "hebben", "had", "hadden",
		"word", "wordt", "worden", "werd", "werden", "geworden",
		"zal", "zullen", "zou", "zouden", "kan", "kunnen", "kon", "konden",
		"s", "t", "n", "ers":
		return true
	}
	return false
}
