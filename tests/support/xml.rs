//! A strict reader of the little XML that reports are made of.

use std::collections::BTreeMap;

/// An opening or empty tag: its name, its attributes, and the text up to the next tag.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
}

/// The tags of a document in their order. Every tag that opens has to close, and every attribute is in double quotes.
pub(crate) fn tags(document: &str) -> Vec<Tag> {
    let body = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut open: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    for piece in body.split('<').skip(1) {
        let (inside, text) = piece.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "a bare `>` in {text:?}");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "the tag that is open");
            continue;
        }
        let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        if !is_empty {
            open.push(name.to_owned());
        }
        tags.push(Tag { name: name.to_owned(), attributes: read(attributes), text: plain(text) });
    }
    assert!(open.is_empty(), "still open: {open:?}");
    tags
}

fn read(mut rest: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("NAME=\"VALUE\"");
        let (value, next) = value.split_once('"').expect("a quote");
        assert!(attributes.insert(name.to_owned(), plain(value)).is_none(), "`{name}` twice");
        rest = next.strip_prefix(' ').unwrap_or(next);
    }
    attributes
}

fn plain(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    assert!(plain.replace("&amp;", "").find('&').is_none(), "a bare `&` in {text:?}");
    plain.replace("&amp;", "&")
}
