package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawFormat reads an env file of the format `raw`: what stands after the first `=` is the value, letter by letter.
// The loader knows no such format by itself; docker compose adds it, with the grammar of `docker run --env-file`.
func rawFormat(text io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
	lines := bufio.NewScanner(text)
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if !utf8.ValidString(line) {
			return fmt.Errorf("failed to parse env_file %s: line %d is not UTF-8", filename, number)
		}
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, given := strings.Cut(line, "=")
		if name == "" || strings.ContainsAny(name, " \t") {
			return fmt.Errorf("failed to parse env_file %s: line %d has no name that could be a variable's", filename, number)
		}
		if !given {
			if value, given = lookup(name); !given {
				continue
			}
		}
		vars[name] = value
	}
	return lines.Err()
}
