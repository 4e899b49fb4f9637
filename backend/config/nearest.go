package config

import "strings"

// nearest finds the word that was most likely meant: the one with the fewest
// changes, if they are at most a third of it.
func nearest(given string, words []string) (string, bool) {
	given = plain(given)
	best, least := "", len(given)
	if len(given) > 64 {
		return "", false
	}
	for _, word := range words {
		if n := distance(given, plain(word)); n < least {
			best, least = word, n
		}
	}
	return best, best != "" && least <= max(1, len(best)/3)
}

// plain drops what is spelt in many ways: clientId, client-id, CLIENT_ID.
func plain(word string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))
}

// distance is Levenshtein's: how many bytes to insert, remove or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
