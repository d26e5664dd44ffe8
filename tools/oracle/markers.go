package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A marker is a value that identifies one key in the manifests: `zq0042z` as text, 300840
// as number. Number markers have gaps, because templates do arithmetic with some numbers.

func textMarker(id int) string    { return fmt.Sprintf("zq%04dz", id) }
func numberMarker(id int) float64 { return float64(300000 + 20*id) }

// markersIn lists the markers of a text. Only whole words count, because a checksum may
// contain the text of a marker.
func markersIn(text string) map[int]bool {
	found := map[int]bool{}
	for at := 0; at < len(text); {
		if !word(text[at]) {
			at++
			continue
		}
		end := at
		for end < len(text) && word(text[end]) {
			end++
		}
		switch run := text[at:end]; {
		case len(run) == 6 && run[0] == '3':
			if number, err := strconv.Atoi(run); err == nil && number%20 == 0 {
				found[(number-300000)/20] = true
			}
		case len(run) >= 7:
			for i := strings.Index(run, "zq"); i >= 0 && i+7 <= len(run); {
				if id, err := strconv.Atoi(run[i+2 : i+6]); err == nil && run[i+6] == 'z' {
					found[id] = true
				}
				next := strings.Index(run[i+1:], "zq")
				if next < 0 {
					break
				}
				i += 1 + next
			}
		}
		at = end
	}
	return found
}

func word(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
