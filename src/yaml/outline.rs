//! What is written where: the keys and items of a text with everything below them, aliases as they stand.

use super::events::{Event, Events, Shape, Style};
use crate::source::span::{FileId, Span};

/// A key with its value, or an item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From the start of the key or item to the end of what is below it.
    pub span: Span,
    /// The part that it is in, by its number.
    pub parent: Option<usize>,
}

/// A collection that is open.
struct Frame {
    shape: Shape,
    /// Whether a key comes next.
    awaits_key: bool,
    /// The part that holds the collection, as its value or as the item that it is.
    part: Option<usize>,
    /// The entry whose value comes next.
    entry: Option<usize>,
    /// The end of what was seen of it.
    end: u32,
}

/// The parts of a text in their order; a document that is broken has those before the break.
pub(super) fn outline(file: FileId, text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    for event in Events::new(file, text) {
        match event {
            Event::Begin => frames.clear(),
            Event::Finish | Event::Error { .. } => {
                while let Some(frame) = frames.pop() {
                    finish(&mut parts, &mut frames, frame.part, frame.end);
                }
            }
            Event::Open { shape, bracketed, span, .. } => {
                // Without brackets, a collection begins with its first key or item, which is still to come.
                let part = begin(&mut parts, &mut frames, span);
                let end = if bracketed { span.end } else { span.start };
                frames.push(Frame { shape, awaits_key: shape == Shape::Map, part, entry: None, end });
            }
            Event::Close { span } => {
                let Some(frame) = frames.pop() else { continue };
                let end = if span.is_empty() { frame.end } else { span.end };
                finish(&mut parts, &mut frames, frame.part, end);
            }
            Event::Scalar { style, span, .. } => {
                let part = begin(&mut parts, &mut frames, span);
                // What is not there has no end either: its key does.
                let end = if style == Style::Absent { 0 } else { span.end };
                finish(&mut parts, &mut frames, part, end);
            }
            Event::Alias { span, .. } => {
                let part = begin(&mut parts, &mut frames, span);
                finish(&mut parts, &mut frames, part, span.end);
            }
            Event::Anchor { .. } | Event::Comment { .. } | Event::Fault { .. } => {}
        }
    }
    parts
}

/// The part to which the node that begins here belongs: a new one for a key or an item, that of its key for a value.
fn begin(parts: &mut Vec<Part>, frames: &mut [Frame], span: Span) -> Option<usize> {
    let frame = frames.last_mut()?;
    if frame.shape == Shape::Map && !frame.awaits_key {
        return frame.entry;
    }
    parts.push(Part { span, parent: frame.part });
    Some(parts.len() - 1)
}

/// A node has ended: its part reaches as far, and so does what it is in.
fn finish(parts: &mut [Part], frames: &mut [Frame], part: Option<usize>, end: u32) {
    let Some(frame) = frames.last_mut() else { return };
    if let Some(part) = part {
        let reached = &mut parts[part].span.end;
        *reached = end.max(*reached);
    }
    frame.end = frame.end.max(end);
    if frame.shape == Shape::Map {
        frame.entry = part.filter(|_| frame.awaits_key);
        frame.awaits_key = !frame.awaits_key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let parts = outline(FileId(0), text);
        parts.iter().map(|part| text[part.span.range()].to_owned()).collect()
    }

    #[test]
    fn keys_and_items_reach_to_the_end_of_what_is_below_them() {
        let text = "a: &x\n  b: 1 # c\n  d:\n\n    - e\n    - {f: 2, g: [3]}\nh: *x\ni: |\n  t\n\nj:\nk:\n- l: 1\n  m: 2\n";
        let parts = [
            "a: &x\n  b: 1 # c\n  d:\n\n    - e\n    - {f: 2, g: [3]}",
            "b: 1",
            "d:\n\n    - e\n    - {f: 2, g: [3]}",
            "e",
            "{f: 2, g: [3]}",
            "f: 2",
            "g: [3]",
            "3",
            "h: *x",
            "i: |\n  t",
            "j",
            "k:\n- l: 1\n  m: 2",
            "l: 1\n  m: 2",
            "l: 1",
            "m: 2",
        ];
        assert_eq!(shown(text), parts);
    }

    #[test]
    fn a_text_that_breaks_off_has_parts_up_to_there() {
        assert_eq!(shown("a:\n  b: 1\n  c: [\n"), ["a:\n  b: 1\n  c: [", "b: 1", "c: ["]);
    }
}
