package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// objectsOf reads what a job holds; of a text, also the objects before the mistake.
func objectsOf(job *job) ([]map[string]any, error) {
	if job.Object != nil {
		object, err := decode(job.Object)
		if err != nil {
			return nil, err
		}
		return []map[string]any{object}, nil
	}
	var objects []map[string]any
	for _, document := range documents(job.Text) {
		text, err := yaml.YAMLToJSONStrict([]byte(document))
		if err != nil {
			return objects, fmt.Errorf("the text is no YAML: %w", err)
		}
		if string(bytes.TrimSpace(text)) == "null" {
			continue
		}
		object, err := decode(text)
		if err != nil {
			return objects, err
		}
		items, isList := object["items"].([]any)
		if kind, _ := object["kind"].(string); !isList || !strings.HasSuffix(kind, "List") {
			objects = append(objects, object)
			continue
		}
		for _, item := range items {
			object, isObject := item.(map[string]any)
			if !isObject {
				return objects, fmt.Errorf("an item of the list is no object")
			}
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// documents splits as kubectl does: at lines that begin with three dashes.
func documents(text string) []string {
	var parts []string
	var part strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "---") {
			parts = append(parts, part.String())
			part.Reset()
			// What stands behind the dashes belongs to the next document.
			line = strings.TrimPrefix(line, "---")
		}
		part.WriteString(line)
	}
	return append(parts, part.String())
}

func decode(text []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("no object: %w", err)
	}
	if object == nil {
		return nil, fmt.Errorf("no object")
	}
	return object, nil
}

// encode writes JSON that the server's YAML reader takes: raw UTF-8, and what YAML does not allow as an escape.
func encode(object any) ([]byte, error) {
	var plain bytes.Buffer
	coder := json.NewEncoder(&plain)
	coder.SetEscapeHTML(false)
	if err := coder.Encode(object); err != nil {
		return nil, err
	}
	text := plain.Bytes()
	var out bytes.Buffer
	for len(text) > 0 {
		char, size := utf8.DecodeRune(text)
		switch {
		case char >= 0x7f && char <= 0x9f, char == 0x2028, char == 0x2029, char == 0xfeff, char == 0xfffe, char == 0xffff:
			fmt.Fprintf(&out, `\u%04x`, char)
		default:
			out.Write(text[:size])
		}
		text = text[size:]
	}
	return out.Bytes(), nil
}

// at follows keys into an object; nothing where there is none.
func at(object any, keys ...string) any {
	for _, key := range keys {
		fields, isObject := object.(map[string]any)
		if !isObject {
			return nil
		}
		object = fields[key]
	}
	return object
}

func textAt(object any, keys ...string) string {
	text, _ := at(object, keys...).(string)
	return text
}

// address is `Kind/name`, as reports write it.
func address(object map[string]any) string {
	return textAt(object, "kind") + "/" + textAt(object, "metadata", "name")
}
