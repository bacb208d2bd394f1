//! `[source:]target[:options]`: the short syntax of a service's volumes.

use std::ops::Range;

use super::{Piece, piece};

/// A mount in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// What is mounted.
    pub kind: VolumeKind,
    /// The name of a volume or a path of the host.
    pub source: Option<Piece>,
    /// The path in the container, as it is written: Compose cleans it.
    pub target: Option<Piece>,
    /// `ro` and `rw`; the last counts.
    pub read_only: Option<(bool, Range<usize>)>,
    /// What the entry says of a bind mount; there for every bind mount, and wherever an option of one is written.
    pub bind: Option<BindOptions>,
    /// What the entry says of a volume; Compose leaves it out of a mount of one or two characters.
    pub volume: Option<VolumeOptions>,
    /// Options that Compose does not know and passes over in silence.
    pub ignored: Vec<Piece>,
}

/// What a mount mounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VolumeKind {
    /// A path of the host.
    Bind,
    /// A volume, with or without a name.
    #[default]
    Volume,
}

/// The options of a bind mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindOptions {
    /// Whether a missing path of the host is to be made; always of a bind mount in the short syntax.
    pub create_host_path: bool,
    /// How mounts below it are seen: `rshared` and the like; the last counts.
    pub propagation: Option<Piece>,
    /// `z` or `Z`; the last counts.
    pub selinux: Option<Piece>,
}

/// The options of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeOptions {
    /// `nocopy`, where it is written.
    pub nocopy: Option<Range<usize>>,
}

/// Reads an entry.
///
/// # Errors
/// What would be valid.
pub fn volume(text: &str) -> Result<Volume, String> {
    let mut volume = Volume::default();
    if text.is_empty() {
        return Err("the volume is empty; write `source:target`, as in `data:/var/lib/data`".into());
    }
    if text.len() <= 2 {
        volume.target = Some(piece(text, 0..text.len()));
        return Ok(volume);
    }
    let mut start = 0;
    let mut open = 0_usize;
    // A character NUL ends the entry for Compose, which goes on behind it; the text's own end is one too.
    for (at, letter) in text.char_indices().chain(std::iter::once((text.len(), '\0'))) {
        if letter == '$' && text[at + 1..].starts_with('{') {
            open += 1;
        } else if letter == '}' && open > 0 {
            open -= 1;
        } else if open == 0 && matches!(letter, ':' | '\0') && !(letter == ':' && is_drive(&text[start..at]))
        {
            section(&mut volume, text, start..at, letter == '\0')?;
            start = at + 1;
        }
    }
    if volume.source.as_ref().is_some_and(|(source, _)| is_file_path(source)) {
        volume.kind = VolumeKind::Bind;
        volume.bind.get_or_insert_default().create_host_path = true;
    } else {
        volume.volume.get_or_insert_default();
    }
    Ok(volume)
}

/// Whether Compose takes the source of a mount for a path of the host rather than the name of a volume.
#[must_use]
pub fn is_file_path(source: &str) -> bool {
    if source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") {
        return true;
    }
    let mut letters = source.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next() == Some(':')
}

/// Takes the bytes between two colons in.
fn section(volume: &mut Volume, text: &str, range: Range<usize>, last: bool) -> Result<(), String> {
    if range.is_empty() {
        return Err(format!(
            "`{text}` has nothing between two colons; write `source:target` or `source:target:ro`"
        ));
    }
    if volume.source.is_none() && !last {
        volume.source = Some(piece(text, range));
    } else if volume.source.is_none() || volume.target.is_none() {
        volume.target = Some(piece(text, range));
    } else if last {
        options(volume, text, range);
    } else {
        return Err(format!(
            "`{text}` has too many colons; write `source:target:options` or the long syntax"
        ));
    }
    Ok(())
}

fn options(volume: &mut Volume, text: &str, range: Range<usize>) {
    let mut start = range.start;
    for option in text[range].split(',') {
        let place = start..start + option.len();
        start = place.end + 1;
        match option {
            "ro" => volume.read_only = Some((true, place)),
            "rw" => volume.read_only = Some((false, place)),
            "nocopy" => volume.volume = Some(VolumeOptions { nocopy: Some(place) }),
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                volume.bind.get_or_insert_default().propagation = Some(piece(text, place));
            }
            "z" | "Z" => volume.bind.get_or_insert_default().selinux = Some(piece(text, place)),
            _ => volume.ignored.push(piece(text, place)),
        }
    }
}

/// Whether a colon behind the text makes it a drive of Windows rather than the name of a volume.
fn is_drive(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}
