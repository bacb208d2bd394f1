//! Series of names, `minio{1...4}`: how MinIO and shells write the nodes of a cluster.

/// More names than these are no list of services.
const MANY: u32 = 256;

/// No series is longer, with its braces.
const LENGTH: usize = 24;
/// A name with more series, or of more bytes, is none that a person writes.
const MOST: (usize, usize) = (4, 1024);

/// How long a series is with which a text begins; zero when it begins with none.
#[must_use]
pub fn length(text: &str) -> usize {
    at(text).map_or(0, |(_, length)| length)
}

/// All names that a name with series in it stands for; nothing when there is none in it.
#[must_use]
pub fn names(name: &str) -> Option<Vec<String>> {
    if name.len() > MOST.1 || !name.contains("..") {
        return None;
    }
    let (mut names, mut rest, mut found) = (vec![String::new()], name, 0);
    while let Some(letter) = rest.chars().next() {
        let Some((numbers, length)) = at(rest).filter(|_| found < MOST.0) else {
            names.iter_mut().for_each(|name| name.push(letter));
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        // Of several series in one name, each number stands with each.
        let each = |name: &String| numbers.iter().map(|number| format!("{name}{number}")).collect::<Vec<_>>();
        names = names.iter().flat_map(each).take(MANY as usize).collect();
        rest = &rest[length..];
        found += 1;
    }
    (found > 0).then_some(names)
}

/// The numbers of the series with which a text begins, as they are written, and how long it is.
fn at(text: &str) -> Option<(Vec<String>, usize)> {
    let end = text.bytes().take(LENGTH).position(|byte| byte == b'}').filter(|_| text.starts_with('{'))?;
    let inner = &text[1..end];
    let (from, to) = inner.split_once("...").or_else(|| inner.split_once(".."))?;
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let (start, last): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
    if !is_number(from) || !is_number(to) || last < start || last - start >= MANY {
        return None;
    }
    // A number that begins with a zero says how wide all are.
    let width = if from.starts_with('0') { from.len() } else { 1 };
    Some(((start..=last).map(|number| format!("{number:0width$}")).collect(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_stands_for_each_of_its_names() {
        let of = |name: &str| names(name).map(|names| names.join(" "));
        assert_eq!(of("minio{1...3}").as_deref(), Some("minio1 minio2 minio3"));
        assert_eq!(of("m-{09...10}.local").as_deref(), Some("m-09.local m-10.local"));
        assert_eq!(of("{1..2}-{1..2}").as_deref(), Some("1-1 1-2 2-1 2-2"));
        assert_eq!(of("${X}ä{1..2}").as_deref(), Some("${X}ä1 ${X}ä2"));
        for name in ["minio1", "minio{a...c}", "minio{2...1}", "minio{1...100000}", "minio{+1...2}", "${X}"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn a_series_ends_with_its_brace() {
        assert_eq!(length("{1...4}/data{1...2}"), "{1...4}".len());
        assert_eq!((length("/{1...4}"), length("{x}")), (0, 0));
    }
}
