//! What texts of one rule have in common, so that a reader meets it once.

/// What all messages begin with, up to where a clause ends: the fact, before what differs.
pub(super) fn beginning<'t>(messages: &[&'t str]) -> Option<&'t str> {
    let (first, others) = messages.split_first()?;
    let clauses = first.match_indices("; ").map(|(at, end)| &first[..at + end.len()]);
    let is_of_all = |clause: &&str| {
        clause.matches('`').count().is_multiple_of(2)
            && others.iter().all(|message| message.starts_with(clause))
    };
    clauses.filter(is_of_all).last()
}

/// What all messages end with, from where a clause begins: the consequence, behind the facts that differ.
pub(super) fn ending<'t>(messages: &[&'t str]) -> Option<&'t str> {
    let (first, others) = messages.split_first()?;
    let mut clauses = first.match_indices([';', ':']).map(|(at, _)| &first[at..]);
    let is_of_all = |clause: &&str| {
        clause.strip_prefix([';', ':']).and_then(|rest| rest.strip_prefix(' ')).is_some_and(begins_with_word)
            // A colon between backticks begins no clause.
            && clause.matches('`').count().is_multiple_of(2)
            && others.iter().all(|message| message.ends_with(clause))
    };
    clauses.find(is_of_all)
}

/// An item of a list, which is quoted, is no clause.
fn begins_with_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
}

/// A tip for all, when the tips differ in one name alone which the message of each says: it stands as `…`.
pub(super) fn tip(members: &[(&str, &str)]) -> Option<String> {
    let ((_, first), others) = members.split_first()?;
    let before =
        others.iter().fold(first.len(), |least, (_, tip)| least.min(shared(first.bytes(), tip.bytes())));
    let before = first[..first.floor_char_boundary(before)].trim_end_matches(is_of_name).len();
    let without_name = |(message, tip): &(&str, &str)| {
        let (start, rest) = tip.split_at(before);
        let name = words(rest).next().filter(|name| name.starts_with(is_of_name))?;
        let rest = words(rest).map(|word| if word == name { "…" } else { word });
        let replaced: String = std::iter::once(start).chain(rest).collect();
        // A name that is quoted alone is what the tip is about.
        (message.contains(name) && !replaced.contains("`…`")).then_some(replaced)
    };
    let mut tips = members.iter().map(without_name);
    let all = tips.next()??;
    tips.all(|tip| tip.as_ref() == Some(&all)).then_some(all)
}

/// The names of a text, and what stands between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_name = is_of_name(rest.chars().next()?);
        let (word, behind) =
            rest.split_at(rest.find(|letter| is_of_name(letter) != is_name).unwrap_or(rest.len()));
        rest = behind;
        Some(word)
    })
}

fn shared(left: impl Iterator<Item = u8>, right: impl Iterator<Item = u8>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fact_of_all_is_found_where_its_clause_ends() {
        assert_eq!(
            beginning(&["no host; no port; 80 is", "no host; no port; 90 is"]),
            Some("no host; no port; ")
        );
        assert_eq!(beginning(&["no host; `a; b` is", "no host; `a; c` is"]), Some("no host; "));
        assert_eq!(beginning(&["no host, 80 is", "no host, 90 is"]), None);
    }

    #[test]
    fn the_consequence_of_all_is_found_where_its_clause_begins() {
        let of = |messages: &[&str]| ending(messages).map(str::to_owned);
        assert_eq!(
            of(&["`a` has no value; it is empty", "`b` has no value; it is empty"]).as_deref(),
            Some("; it is empty")
        );
        assert_eq!(
            of(&["`a` waits: no order; no end", "`b` waits: no order; no end"]).as_deref(),
            Some(": no order; no end")
        );
        assert_eq!(of(&["`a` waits: one; no end", "`b` waits: two; no end"]).as_deref(), Some("; no end"));
        assert_eq!(of(&["`a: b` is wrong", "`x: b` is wrong"]), None);
        assert_eq!(of(&["10:20 is wrong", "11:20 is wrong"]), None);
        assert_eq!(of(&["`a` is wrong", "`b` is wrong"]), None);
        assert_eq!(of(&["one key: `k`; it waits", "two keys: `k`; it waits"]).as_deref(), Some("; it waits"));
    }

    #[test]
    fn a_tip_for_all_leaves_out_what_each_message_says() {
        let value =
            |name: &'static str| (name, format!("put it into `.env`, or write `${{{name}:-default}}`"));
        let of = |members: &[(&str, String)]| {
            tip(&members.iter().map(|(message, tip)| (*message, tip.as_str())).collect::<Vec<_>>())
        };
        let all = "put it into `.env`, or write `${…:-default}`";
        assert_eq!(
            of(&[value("POSTGRES_USER"), value("POSTGRES_PORT"), value("PORT")]).as_deref(),
            Some(all)
        );
        assert_eq!(of(&[value("é"), value("è")]).as_deref(), Some(all));
        let user = |name: &'static str| (name, format!("take a number: `--user-map {name}=UID`"));
        assert_eq!(of(&[user("a"), user("b")]).as_deref(), Some("take a number: `--user-map …=UID`"));
        let twice = |name: &'static str| (name, format!("write `{name}: ${{{name}:?}}`"));
        assert_eq!(of(&[twice("A"), twice("BA")]).as_deref(), Some("write `…: ${…:?}`"));
        // The name is all that the tip says, or the message does not say it.
        let call = |name: &'static str| (name, format!("call it `{name}`"));
        assert_eq!(of(&[call("a"), call("b")]), None);
        let other = |name: &str| ("a message", format!("pass `--user-map {name}=UID:GID`"));
        assert_eq!(of(&[other("x"), other("y")]), None);
        let ports = |port: &'static str| (port, format!("add `expose: [\"{port}\"]` to `{port}`"));
        assert_eq!(of(&[ports("80"), ports("90")]), None);
    }
}
