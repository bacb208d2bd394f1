//! Tokens, which bear the mark of their issuer.

/// Whether a word of a text is a token.
pub(super) fn is_in(text: &str) -> bool {
    text.len() >= SHORTEST && text.split(is_no_token).any(is_token)
}

fn is_no_token(letter: char) -> bool {
    !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

/// No token is shorter.
const SHORTEST: usize = 20;

/// Whether a word is a token, by the mark that its issuer puts in front.
fn is_token(word: &str) -> bool {
    const MARKS: [(&str, usize); 17] = [
        ("ghp_", 36),
        ("gho_", 36),
        ("ghs_", 36),
        ("github_pat_", 30),
        ("glpat-", 20),
        ("xoxb-", 20),
        ("xoxp-", 20),
        ("xapp-", 20),
        ("AKIA", 16),
        ("ASIA", 16),
        ("AIza", 35),
        ("sk_live_", 16),
        ("rk_live_", 16),
        ("sk-ant-", 20),
        ("hvs.", 20),
        ("npm_", 36),
        ("dop_v1_", 40),
    ];
    if word.len() < SHORTEST {
        return false;
    }
    let marked =
        MARKS.iter().any(|(mark, rest)| word.strip_prefix(mark).is_some_and(|tail| tail.len() >= *rest));
    let signed = word.starts_with("eyJ") && word.len() > 40 && word.matches('.').count() == 2;
    marked || signed
}
