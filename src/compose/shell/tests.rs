use super::*;

fn told(script: &str) -> Vec<String> {
    let files = |files: &[Word], sign| files.iter().map(|file| format!(" {sign} {}", file.text)).collect();
    let told = |step: &Step| {
        let joint = match step.joint {
            Joint::Next => "",
            Joint::And => "&& ",
            Joint::Or => "|| ",
            Joint::Pipe => "| ",
        };
        let around: String = step.around.iter().map(|around| format!("{around:?} ").to_lowercase()).collect();
        let negated = if step.negated { "! " } else { "" };
        let end = if step.background { " &" } else { "" };
        let (writes, errors): (String, String) = (files(&step.written, ">"), files(&step.errors, "2>"));
        format!("{around}{joint}{negated}{}{writes}{errors}{end}", step.texts().join("·"))
    };
    read(script).steps.iter().map(told).collect()
}

#[test]
fn commands_are_split_and_know_what_joins_them() {
    assert_eq!(told("a 'b c' && d; e | f || g\nh &"), ["a·b c", "&& d", "e", "| f", "|| g", "h &"]);
    assert_eq!(told("a \"$(b; c \")\")\" `d e` \\\n f # g"), ["a·$(b; c \")\")·`d e`·f"]);
    assert_eq!(told("a && \\\n b"), ["a", "&& b"]);
    assert_eq!(told("a ||\n b"), ["a", "|| b"]);
    assert_eq!(told("! a |& b; time c; coproc d"), ["! a", "| b", "c", "d &"]);
    assert_eq!(told(""), Vec::<String>::new());
}

#[test]
fn outputs_are_known_and_texts_are_no_commands() {
    assert_eq!(told("a >/dev/null 2>&1; b > c 2> d; e &> f"), ["a", "b > c 2> d", "e > f"]);
    assert_eq!(told("a >&2 >& b >| c 1> d"), ["a > b > c > d"]);
    assert_eq!(told("cat <<EOF > x\nnot; this\nEOF\nb < c"), ["cat > x", "b"]);
    assert_eq!(told("a <<A <<-B\n A\nA\nx\n\tB\nb <<< c"), ["a", "b"]);
    assert_eq!(told("exec 3<>/dev/tcp/h/1; cat <&3"), ["exec", "cat"]);
    assert_eq!(told("diff <(a > b) c < <(d | e)"), ["diff·<(a > b)·c"]);
}

#[test]
fn loops_conditions_and_groups_stand_around_commands() {
    assert_eq!(told("while true; do a; done; b"), ["while true", "loop a", "b"]);
    assert_eq!(told("until nc -z h 1; do sleep 1; done && b"), ["until nc·-z·h·1", "loop sleep·1", "&& b"]);
    assert_eq!(told("if a; then b; else c; fi; d"), ["choice a", "choice b", "choice c", "d"]);
    assert_eq!(told("(a; b) & c"), ["group a", "group b", "c"]);
    assert_eq!(told("((a) | b); c"), ["group group a", "group | b", "c"]);
    assert_eq!(told("for x in 1 2; do a; done"), ["while for·x·in·1·2", "loop a"]);
    assert_eq!(told("for ((i = 0; i < 3; i++)); do a; done"), ["while for·((i = 0; i < 3; i++))", "loop a"]);
    assert_eq!(told("done ) } fi"), Vec::<String>::new());
}

#[test]
fn the_patterns_of_a_case_are_no_commands() {
    assert_eq!(
        told("case $x in\n(a|'b c') d ;;\n  *) e & ;& # f)\nesac; g"),
        ["choice case·$x·in", "choice d", "choice e &", "g"]
    );
    assert_eq!(
        told("case x in a) if b; then c; fi; esac"),
        ["choice case·x·in", "choice choice b", "choice choice c"]
    );
}

#[test]
fn functions_and_tests_are_one_piece() {
    assert_eq!(told("f() { a; }; function g { b; }; h () ( c )"), ["group a", "group b", "group c"]);
    assert_eq!(told("[[ a < b && (c || d) ]] && e"), ["[[·a·b·c·d·]]", "&& e"]);
    assert_eq!(told("A=(b \"c d\") e"), ["A=(b \"c d\")·e"]);
}

/// The commands in one line: words by blanks, open ones with a mark, files behind `>`.
fn shown(text: &str) -> Vec<String> {
    let word = |word: &Word| format!("{}{}", word.text, if word.is_open { "?" } else { "" });
    let step = |step: &Step| {
        let written = step.written.iter().map(|file| format!(">{}", word(file)));
        step.words.iter().map(word).chain(written).collect::<Vec<_>>().join(" ")
    };
    read(text).commands().map(step).collect()
}

#[test]
fn a_text_is_split_into_commands() {
    let cases: [(&str, &[&str]); 14] = [
        ("a b && c || d; e\nf", &["a b", "c", "d", "e", "f"]),
        ("a 'b ; c' \"d $e\" f\\ g # h", &["a b ; c d $e? f g"]),
        ("A=1 b > /x 2>&1 >>\"/y\" &> /z < /in", &["A=1 b >/x >/y >/z"]),
        ("if a; then b; else c; fi", &["a", "b", "c"]),
        ("for x in 1 2; do a $x; done", &["a $x?"]),
        ("case $x in a) b ;; *) c ;; esac", &["b", "c"]),
        ("cat > /x <<-'E' && a\n b > /no\n\tE\nc", &["cat >/x", "a", "c"]),
        ("f() { a; }; (b) | c &", &["a", "b", "c"]),
        ("a $(b \")\" > /no) `c > /no` ${d:-\">\"}", &["a $(b \")\" > /no)? `c > /no`? ${d:-\">\"}?"]),
        ("a \\\n b", &["a b"]),
        ("! { time a; }", &["a"]),
        ("a $ '' \"", &["a $  "]),
        ("a \"\\$b \\n\" \\n", &["a $b \\n n"]),
        ("'if' a; done > /x", &["if a", ">/x"]),
    ];
    for (text, commands) in cases {
        assert_eq!(shown(text), commands, "{text}");
    }
}

#[test]
fn a_shell_is_called_with_a_text() {
    let cases = [
        ("sh -c a", Some(("sh", 0, 2))),
        ("/bin/bash -eo pipefail -c a b", Some(("bash", 0, 4))),
        ("/usr/bin/env bash -lc a", Some(("bash", 0, 3))),
        ("bash -c -e a", Some(("bash", 0, 3))),
        ("sh --login -c a", Some(("sh", 0, 3))),
        ("tini -- /bin/sh -ec a", Some(("sh", 2, 4))),
        ("tini -- env sh -c a", Some(("sh", 2, 5))),
        ("sh /a.sh -c a", None),
        ("sh -c", None),
        ("server -c a", None),
        ("env", None),
    ];
    for (line, call) in cases {
        let words: Vec<&str> = line.split(' ').collect();
        let found = called(&words).map(|called| (called.shell, called.first, called.text));
        assert_eq!(found, call, "{line}");
    }
}

#[test]
fn a_command_knows_what_it_calls() {
    let first = |text: &str| {
        let script = read(text);
        let step = script.commands().next().cloned().unwrap_or_default();
        let program = step.call().first().map(|word| word.text.clone()).unwrap_or_default();
        (program, step.is_exec(), script.is_compound())
    };
    assert_eq!(first("A=1 exec b c"), ("b".into(), true, false));
    assert_eq!(first("exec > /x"), (String::new(), false, false));
    assert_eq!(first("a | b"), ("a".into(), false, true));
    assert_eq!(first("a &"), ("a".into(), false, true));
    assert_eq!(first("! a"), ("a".into(), false, true));
}

#[test]
fn any_text_is_read_to_its_end() {
    let texts = [
        "'",
        "\"",
        "\"$(",
        "`",
        "${",
        "`a\\",
        "$(",
        "a \\",
        "<<",
        "<<E",
        "<<E\nx",
        ">",
        "&>",
        "é'ü",
        "a$(\"é",
        "((",
        "$",
        "\\",
        "[[",
        "case",
        "case x in",
        "case x in a",
        "function",
        "<(",
        "a=(",
        "2>",
        "case x in a) b;; esac",
    ];
    for text in texts {
        assert!(read(text).steps.len() < 5, "{text}");
    }
}

#[test]
fn deep_groups_are_told_up_to_a_bound() {
    let script = read(&"(a;".repeat(20_000));
    assert_eq!(script.steps.len(), 20_000);
    assert!(script.steps.iter().all(|step| step.around.len() <= 16));
}
