"""Holds reports of transship against the schemas of those who read them; each judge first refuses a broken report."""

import json
import pathlib
import re
import sys
import tarfile

from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree
from markdown_it import MarkdownIt
from referencing import Registry, Resource

# What GitLab's parser of Code Quality reports asks for; its schema is in no package registry.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def by_schema(validator, text):
    for error in validator.iter_errors(json.loads(text)):
        raise ValueError(f"{error.json_path}: {error.message}")


def of_ours(folder, name):
    schemas = {path.name: json.loads(path.read_text()) for path in folder.glob("*.schema.json")}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())
    return Draft202012Validator(schemas[name], registry=registry)


def by_xsd(schema, text):
    schema.assertValid(etree.fromstring(text.encode()))


def by_markdown(text):
    folds = 0
    for token in MarkdownIt("commonmark").parse(text):
        for part in [token, *(token.children or [])]:
            if part.type in ("html_block", "html_inline"):
                line = part.content.strip()
                opens = re.fullmatch(r"<details><summary>[\w ]+</summary>", line)
                if not opens and line != "</details>":
                    raise ValueError(f"HTML that is not ours: {line}")
                folds += 1 if opens else -1
            if part.type in ("image", "fence", "code_block", "hr"):
                raise ValueError(f"a message became a {part.type}: {part.content}")
            if part.type == "link_open" and not part.attrs["href"].startswith("https://transship.dev/rules/"):
                raise ValueError(f"a message became a link to {part.attrs['href']}")
    if folds:
        raise ValueError("a fold does not close")


def unique(text):
    prints = [issue["fingerprint"] for issue in json.loads(text)]
    if len(prints) != len(set(prints)):
        raise ValueError("two issues have one fingerprint")


def main():
    reports, schemas, pytest, reviewdog = map(pathlib.Path, sys.argv[1:])
    with tarfile.open(pytest) as archive:
        member = next(name for name in archive.getnames() if name.endswith("/junit-10.xsd"))
        junit = etree.XMLSchema(etree.parse(archive.extractfile(member)))
    rdjson = Draft4Validator(json.loads(reviewdog.read_text()))
    judges = [
        ("json", lambda text: by_schema(of_ours(schemas, "findings.schema.json"), text), ('"line": ', '"line": -')),
        ("conversion", lambda text: by_schema(of_ours(schemas, "conversion.schema.json"), text), ('"verdict"', '"x"')),
        ("junit", lambda text: by_xsd(junit, text), ("<testcase name=", "<testcase title=")),
        ("checkstyle", lambda text: etree.fromstring(text.encode()), ("<checkstyle", "<<checkstyle")),
        ("rdjson", lambda text: by_schema(rdjson, text), ('"line": ', '"line": "x", "y": ')),
        ("gitlab", lambda text: (by_schema(Draft202012Validator(GITLAB), text), unique(text)), ('"minor"', '"small"')),
        ("markdown", by_markdown, ("- **warning**", "- **warning** <b>x</b>")),
    ]
    for name, judge, (good, bad) in judges:
        text = (reports / f"report.{name}").read_text(encoding="utf-8")
        assert good in text, f"{name}: the report has no {good}"
        try:
            judge(text.replace(good, bad))
        except (ValueError, etree.LxmlError):
            pass
        else:
            sys.exit(f"{name}: a broken report is taken")
        try:
            judge(text)
        except (ValueError, etree.LxmlError) as error:
            sys.exit(f"{name}: {error}")
        print(f"{name}: taken")


main()
