//! Series of names, `minio{1...4}`: how MinIO and shells write the nodes of a cluster.

/// More names than these are no list of services.
const MANY: u32 = 256;

/// A series in a text: what stands before it, its numbers as they are written, and what stands behind it.
struct Series<'t> {
    before: &'t str,
    numbers: Vec<String>,
    behind: &'t str,
}

/// How long a series is with which a text begins; zero when it begins with none.
#[must_use]
pub fn length(text: &str) -> usize {
    match first(text) {
        Some(series) if series.before.is_empty() => text.len() - series.behind.len(),
        _ => 0,
    }
}

/// All names that a name with series in it stands for; nothing when there is none in it.
#[must_use]
pub fn names(name: &str) -> Option<Vec<String>> {
    let Series { before, numbers, behind } = first(name)?;
    // Of several series in one name, each number stands with each.
    let ends = names(behind).unwrap_or_else(|| vec![behind.to_owned()]);
    let all = numbers.iter().flat_map(|number| ends.iter().map(move |end| format!("{before}{number}{end}")));
    Some(all.take(MANY as usize).collect())
}

/// The first series of a text.
fn first(text: &str) -> Option<Series<'_>> {
    let (before, inner) = text.split_once('{')?;
    let (inner, behind) = inner.split_once('}')?;
    let (from, to) = inner.split_once("...").or_else(|| inner.split_once(".."))?;
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (start, end): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
    if !is_number(from) || !is_number(to) || end < start || end - start >= MANY {
        return None;
    }
    // A number that begins with a zero says how wide all are.
    let width = if from.starts_with('0') { from.len() } else { 1 };
    let numbers = (start..=end).map(|number| format!("{number:0width$}")).collect();
    Some(Series { before, numbers, behind })
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
