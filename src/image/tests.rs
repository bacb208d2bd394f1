//! What a Dockerfile says of its image, one rule of Docker's at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dockerfile;
use super::stages::{self, Inputs};
use crate::compose::image_facts::{
    Evidence, Fact, Facts, ImageHealthcheck, ImageTest, Known, Process, Protocol, User,
};
use crate::compose::units::Duration;
use crate::source::span::{FileId, Span};

/// What is known of the image of a Dockerfile whose base image nobody knows.
fn facts(text: &str) -> Facts {
    built(text, &[], None, &|_| Facts::default()).expect("a Dockerfile that can be built")
}

/// Why a Dockerfile cannot be built.
fn problem(text: &str) -> String {
    let problem =
        built(text, &[], None, &|_| Facts::default()).expect_err("a Dockerfile that cannot be built");
    format!("{:?}: {}", text.get(problem.range).unwrap_or_default(), problem.reason)
}

fn built(
    text: &str,
    arguments: &[(&str, &str)],
    target: Option<&str>,
    base: &dyn Fn(&str) -> Facts,
) -> Result<Facts, dockerfile::Problem> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let arguments = arguments.iter().map(pair).collect();
    let inputs = Inputs { arguments: &arguments, contexts: &BTreeMap::new(), target, place: &place };
    stages::facts(&dockerfile::read(text)?, &inputs, &mut |name| Arc::new(base(name)))
}

fn place(range: std::ops::Range<usize>) -> Span {
    Span::new(FileId(0), range.start, range.end)
}

/// The text that is the evidence.
fn shown<'t>(text: &'t str, evidence: &Evidence) -> &'t str {
    match evidence {
        Evidence::Dockerfile(span) => &text[span.range()],
        Evidence::Metadata { .. } | Evidence::Catalogue(_) => "",
    }
}

fn words(fact: &Fact<Process>) -> Vec<String> {
    fact.value().expect("a command").words().iter().map(ToString::to_string).collect()
}

fn ports(facts: &Facts) -> Vec<String> {
    let port = |port: &crate::compose::image_facts::ExposedPorts| {
        let protocol = match port.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
        };
        format!("{}-{}/{protocol}", port.first, port.last)
    };
    facts.ports.values().map(port).collect()
}

fn environment(facts: &Facts) -> Vec<String> {
    let variable = |variable: &crate::compose::image_facts::ImageVariable| {
        format!("{}={}", variable.name, variable.value.as_deref().unwrap_or("?"))
    };
    facts.environment.values().map(variable).collect()
}

fn user(facts: &Facts) -> &User {
    facts.user.value().expect("a user")
}

fn paths(listing: &crate::compose::image_facts::Listing<crate::source::Text>) -> Vec<&str> {
    listing.values().map(|path| path.as_str()).collect()
}

#[test]
fn each_fact_has_the_instruction_that_says_it() {
    let text = "FROM debian\nUSER 1000:1001\nEXPOSE 80 53/udp \\\n  8000-8010\nSTOPSIGNAL SIGINT\n";
    let facts = facts(text);
    assert_eq!(shown(text, facts.user.evidence().expect("evidence")), "USER 1000:1001");
    assert_eq!((user(&facts).uid(), user(&facts).gid()), (Some(1000), Some(1001)));
    assert_eq!(ports(&facts), ["80-80/tcp", "53-53/udp", "8000-8010/tcp"]);
    let places: Vec<_> = facts.ports.items.iter().map(|known| shown(text, &known.evidence)).collect();
    assert_eq!(places, ["80", "53/udp", "8000-8010"]);
    assert_eq!(facts.stop_signal.value().map(AsRef::as_ref), Some("SIGINT"));
    assert_eq!(facts.base.map(|base| base.value.to_string()).as_deref(), Some("debian"));
}

#[test]
fn what_the_base_image_decides_is_unknown_and_what_scratch_lacks_is_absent() {
    assert!(facts("FROM debian").user.is_unknown());
    assert!(!facts("FROM debian").ports.complete);
    let empty = facts("FROM scratch");
    assert!(matches!(empty.user, Fact::Absent(_)) && empty.ports.complete && empty.environment.complete);
}

#[test]
fn commands_have_two_forms_and_the_shell_form_uses_shell() {
    let text = "FROM scratch\nSHELL [\"/bin/bash\", \"-eu\", \"-c\"]\nENTRYPOINT [\"a\",\"b c\"]\nCMD echo $HOME && x\n";
    let facts = facts(text);
    assert_eq!(words(&facts.entrypoint), ["a", "b c"]);
    assert_eq!(words(&facts.command), ["/bin/bash", "-eu", "-c", "echo $HOME && x"]);
}

#[test]
fn the_default_shell_is_assumed_where_the_base_image_is_not_known() {
    let process = |text| facts(text).command.value().cloned();
    let shell = |assumed| {
        let shell = vec!["/bin/sh".into(), "-c".into()];
        Some(Process::Shell { shell, line: "a".into(), assumed })
    };
    assert_eq!(process("FROM debian\nCMD a"), shell(true));
    assert_eq!(process("FROM scratch\nCMD a"), shell(false));
    // What is no list of strings is a line.
    assert_eq!(process("FROM debian\nCMD ['a']").map(|process| process.words().len()), Some(3));
}

#[test]
fn an_entrypoint_clears_the_command_of_the_base_but_not_that_of_its_own_stage() {
    let cleared = facts("FROM a AS x\nCMD [\"c\"]\nFROM x\nENTRYPOINT [\"e\"]\n");
    assert!(matches!(cleared.command, Fact::Absent(_)));
    assert_eq!(words(&facts("FROM a\nCMD [\"c\"]\nENTRYPOINT [\"e\"]\n").command), ["c"]);
    let text = "FROM a AS x\nENTRYPOINT [\"e\"]\nFROM x\nENTRYPOINT []\n";
    assert!(matches!(facts(text).entrypoint, Fact::Absent(_)));
}

#[test]
fn healthchecks_have_options_and_can_be_switched_off() {
    let text = "FROM a\nHEALTHCHECK --interval=1m30s --timeout=3s --retries=5 --start-period=0s CMD curl -f x || exit 1\n";
    let health = ImageHealthcheck {
        test: ImageTest::Shell("curl -f x || exit 1".into()),
        interval: Some(Duration(90_000_000_000)),
        timeout: Some(Duration(3_000_000_000)),
        start_period: None,
        start_interval: None,
        retries: Some(5),
    };
    assert_eq!(facts(text).healthcheck.value(), Some(&health));
    let list = facts("FROM a\nHEALTHCHECK CMD [\"x\", \"y\"]");
    let test = list.healthcheck.value().map(|health| health.test.clone());
    assert_eq!(test, Some(ImageTest::Exec(vec!["x".into(), "y".into()])));
    assert!(matches!(facts(&format!("{text}HEALTHCHECK NONE")).healthcheck, Fact::Absent(_)));
    let wrong = problem("FROM a\nHEALTHCHECK --interval=1x CMD y");
    assert!(wrong.ends_with("`--interval` takes a time such as `30s` or `1m30s`, not `1x`"), "{wrong}");
}

#[test]
fn arguments_come_from_compose_from_defaults_and_from_before_the_first_from() {
    let text = "ARG TAG=3 NAME=app\nFROM debian:$TAG\nARG NAME\nARG PORT=80\nARG LATE=${PORT}1\nUSER $NAME\nEXPOSE ${PORT} $LATE\n";
    let plain = facts(text);
    assert_eq!(plain.base.as_ref().map(|base| base.value.as_str()), Some("debian:3"));
    assert_eq!(ports(&plain), ["80-80/tcp", "801-801/tcp"]);
    let given = built(text, &[("TAG", "4"), ("PORT", "90"), ("NAME", "1")], None, &|_| Facts::default());
    let given = given.expect("it can be built");
    assert_eq!(given.base.as_ref().map(|base| base.value.as_str()), Some("debian:4"));
    assert_eq!(
        (ports(&given), user(&given).uid()),
        (vec!["90-90/tcp".into(), "901-901/tcp".into()], Some(1))
    );
}

#[test]
fn a_global_argument_is_unset_in_a_stage_that_does_not_declare_it() {
    let facts = facts("ARG PORT=1\nFROM scratch\nEXPOSE ${PORT:-2}");
    assert_eq!(ports(&facts), ["2-2/tcp"]);
}

#[test]
fn a_variable_that_the_base_image_may_set_makes_the_value_unknown() {
    let text = "FROM debian\nENV PATH=/app:$PATH A=1\nUSER $WHO\nEXPOSE ${P:-80}\nWORKDIR $A/b\n";
    let facts = facts(text);
    assert_eq!(environment(&facts), ["PATH=?", "A=1"]);
    assert!(facts.user.is_unknown() && ports(&facts).is_empty() && facts.working_dir.is_unknown());
    let scratch = built(&text.replace("debian", "scratch"), &[], None, &|_| Facts::default());
    let scratch = scratch.expect("it can be built");
    let path = "PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(
        (environment(&scratch), ports(&scratch)),
        (vec![path.into(), "A=1".into()], vec!["80-80/tcp".into()])
    );
    assert!(matches!(scratch.user, Fact::Absent(_)));
    assert_eq!(scratch.working_dir.value().map(AsRef::as_ref), Some("/1/b"));
}

#[test]
fn env_has_two_forms_and_sets_all_its_values_at_once() {
    let text = "FROM scratch\nENV A a b  \nENV A=1 B=\"x $A\" C='$A' D=x\\ y E=\"\\$A\"\nENV F=${A:+on} G=${H:-off} H=${A#1}\n";
    assert_eq!(environment(&facts(text)), ["A=1", "B=x a b", "C=$A", "D=x y", "E=$A", "F=on", "G=off", "H="]);
}

#[test]
fn patterns_in_variables_are_taken_as_a_shell_takes_them() {
    let text = "FROM scratch\nARG P=linux/arm/v7\nENV A=${P//\\//-} B=${P##*/} C=${P%/*}\n";
    assert_eq!(environment(&facts(text)), ["A=linux-arm-v7", "B=v7", "C=linux/arm"]);
}

#[test]
fn a_missing_value_that_is_demanded_and_a_broken_variable_stop_the_build() {
    assert_eq!(
        problem("FROM scratch\nUSER ${A:?}"),
        "\"USER ${A:?}\": `A` has no value, and one is demanded"
    );
    assert_eq!(problem("FROM scratch\nUSER ${A"), "\"USER ${A\": `}` is missing");
}

#[test]
fn working_directories_are_joined() {
    let path = |text| facts(text).working_dir.value().map(ToString::to_string);
    assert_eq!(path("FROM a\nWORKDIR /a/\nWORKDIR b/../c").as_deref(), Some("/a/c"));
    assert_eq!(path("FROM a\nWORKDIR b"), None);
    assert_eq!(path("FROM scratch\nWORKDIR b").as_deref(), Some("/b"));
}

#[test]
fn volumes_and_copied_files_have_clean_paths() {
    let text = "FROM a\nWORKDIR /srv\nVOLUME [\"/a b\", \"/c/\"]\nVOLUME /d /e\nCOPY x y ./conf/\nADD --chown=1:1 [\"f g\", \"/h i\"]\nCOPY <<EOF /etc/app.conf\nCOPY no no\nEOF\n";
    let facts = facts(text);
    assert_eq!(paths(&facts.volumes), ["/a b", "/c", "/d", "/e"]);
    assert_eq!(paths(&facts.content), ["/srv/conf", "/h i", "/etc/app.conf"]);
    assert_eq!(shown(text, &facts.content.items[0].evidence), "./conf/");
}

#[test]
fn stages_build_on_stages_and_a_target_ends_the_build() {
    let text = "FROM golang AS build\nUSER 1\nEXPOSE 1\nFROM build AS test\nEXPOSE 2\nFROM scratch AS last\nCOPY --from=build /a /b\nUSER 3\n";
    assert_eq!((ports(&facts(text)), user(&facts(text)).uid()), (vec![], Some(3)));
    let target = |name| built(text, &[], Some(name), &|_| Facts::default());
    let test = target("TEST").expect("the stage is there");
    assert_eq!((ports(&test), user(&test).uid()), (vec!["1-1/tcp".into(), "2-2/tcp".into()], Some(1)));
    assert_eq!(
        target("nix").map_err(|problem| problem.reason),
        Err("it has no stage `nix`, which `build.target` names".to_owned())
    );
}

#[test]
fn triggers_run_in_the_child_stage_and_only_there() {
    let text = "FROM a AS base\nONBUILD USER 7\nONBUILD EXPOSE 7\nFROM base AS child\nEXPOSE 8\nFROM child\n";
    let facts = facts(text);
    assert_eq!((user(&facts).uid(), ports(&facts)), (Some(7), vec!["7-7/tcp".into(), "8-8/tcp".into()]));
    let base = built("FROM a\nONBUILD USER 7", &[], None, &|_| Facts::default()).expect("it can be built");
    assert!(base.user.is_unknown());
    let child = built("FROM base\nEXPOSE 1", &[], None, &|_| base.clone()).expect("it can be built");
    assert_eq!((user(&child).uid(), child.triggers.len()), (Some(7), 0));
}

#[test]
fn continuations_comments_and_the_case_of_letters_are_dockers() {
    let text = "# a comment\n\nfrom a as B\nexpose 1 \\\n# inside\n\n  2 \\ \n 3\nUser 5\n";
    let facts = facts(text);
    assert_eq!((ports(&facts).len(), user(&facts).uid()), (3, Some(5)));
    assert_eq!(shown(text, &facts.ports.items[2].evidence), "3");
}

#[test]
fn the_escape_directive_changes_the_continuation() {
    let text = "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nEXPOSE 1 `\n 2\nVOLUME C:\\data\n";
    assert_eq!(ports(&facts(text)).len(), 2);
    assert!(problem("# escape=x\nFROM a").contains("takes a backslash or a backtick"));
    assert!(problem("# escape=`\n# escape=`\nFROM a").contains("stands twice"));
    // A comment ends the directives.
    assert_eq!(ports(&facts("# hello\n# escape=`\nFROM a\nEXPOSE 1 \\\n 2")).len(), 2);
}

#[test]
fn another_front_end_is_not_read() {
    assert!(problem("# syntax=ghcr.io/x/y:1\nFROM a").contains("the front end `ghcr.io/x/y:1`"));
}

#[test]
fn documents_are_no_instructions() {
    let text = "FROM a\nRUN <<EOF cat && <<-\"E F\" cat\nUSER 1\nEOF\n\tUSER 2\n\tE F\nRUN python3 - <<PY\nUSER 3\nPY\nUSER 4\n";
    assert_eq!(user(&facts(text)).uid(), Some(4));
    assert!(problem("FROM a\nRUN <<EOF\nx").contains("the document that `<<EOF` opens does not end"));
    // A here-string and a shift are no documents.
    assert_eq!(user(&facts("FROM a\nRUN cat <<<x\nRUN echo $((1<<2))\nUSER 4")).uid(), Some(4));
}

#[test]
fn accounts_that_a_run_makes_give_names_their_numbers() {
    let uid = |run: &str| {
        let facts = facts(&format!("FROM debian\nRUN {run}\nUSER app\n"));
        (user(&facts).uid(), user(&facts).gid())
    };
    assert_eq!(uid("useradd -u 1001 app"), (Some(1001), None));
    assert_eq!(
        uid("groupadd -r -g 1002 web && useradd -r -g web --uid=1001 -s /bin/sh app"),
        (Some(1001), Some(1002))
    );
    assert_eq!(
        uid("addgroup -g 1002 -S web && adduser -S -D -H -u 1001 -G web app"),
        (Some(1001), Some(1002))
    );
    assert_eq!(uid("adduser --system --uid 1001 --gid 5 --home /x app; chown app /x"), (Some(1001), Some(5)));
    assert_eq!(uid("useradd -mu1001 app"), (Some(1001), None));
    assert_eq!(uid("useradd app"), (None, None));
    assert_eq!(uid("useradd -u $UID app"), (None, None));
    assert_eq!(uid("id app || useradd -u 1001 app"), (None, None));
    assert_eq!(uid("useradd -u 1001 app && usermod -u 5 app"), (None, None));
    assert_eq!(uid("useradd -u 1001 other"), (None, None));
    let copied = facts("FROM a\nRUN useradd -u 1 app\nCOPY passwd /etc/passwd\nUSER app");
    assert_eq!(user(&copied).uid(), None);
}

#[test]
fn root_has_a_number_and_a_name_of_the_base_image_may_have_one() {
    assert_eq!(user(&facts("FROM a\nUSER root")).uid(), Some(0));
    let node = crate::compose::image_facts::AccountNumbers { uid: 1000, gid: Some(1000) };
    let evidence = Evidence::Dockerfile(place(0..0));
    let base =
        Facts { accounts: [("node".into(), Known { value: node, evidence })].into(), ..Facts::default() };
    let facts = built("FROM node\nUSER node", &[], None, &|_| base.clone()).expect("it can be built");
    assert_eq!((user(&facts).uid(), user(&facts).gid()), (Some(1000), Some(1000)));
}

#[test]
fn what_no_builder_takes_is_a_problem_at_its_place() {
    let cases = [
        ("", "\"\": it has no `FROM`"),
        ("USER 1\nFROM a", "\"USER 1\": an instruction stands before the first `FROM`"),
        ("FROM a\nUSR 1", "\"USR 1\": there is no instruction `USR`"),
        ("FROM a b", "\"FROM a b\": `FROM` takes an image, or an image, `AS` and a name"),
        ("FROM a AS 1", "\"FROM a AS 1\": `1` is no name of a stage: a letter, then letters, digits, `-_.`"),
        (
            "FROM a\nEXPOSE x",
            "\"EXPOSE x\": `x` is no port; write a number or a range, as in `80`, `53/udp` or `8000-8010`",
        ),
        ("FROM a\nENV A=1 B", "\"ENV A=1 B\": a word of it is no `name=value`"),
        ("FROM a\nCMD [1]", "\"CMD [1]\": the list holds something that is no string"),
        ("FROM a\nSHELL sh", "\"SHELL sh\": `SHELL` takes a list, as in `SHELL [\"/bin/sh\", \"-c\"]`"),
        ("FROM a\nONBUILD FROM b", "\"ONBUILD FROM b\": `FROM` cannot stand behind `ONBUILD`"),
        ("FROM a\nUSER --x=1 y", "\"USER --x=1 y\": `USER` takes no option `--x`"),
    ];
    for (text, reason) in cases {
        assert_eq!(problem(text), reason);
    }
}

#[test]
fn values_that_hold_each_other_do_not_grow_without_end() {
    let text = format!("FROM scratch\nENV A=aaaaaaaaaaaaaaaa\n{}", "ENV A=$A$A$A$A\n".repeat(500));
    let facts = facts(&text);
    assert_eq!(facts.environment.values().next().and_then(|variable| variable.value.clone()), None);
    let deep = format!("FROM a\nUSER {}x{}", "${a:-".repeat(100_000), "}".repeat(100_000));
    assert!(built(&deep, &[], None, &|_| Facts::default()).is_err());
}

#[test]
fn damaged_dockerfiles_do_no_harm() {
    let text = "# escape=`\nARG A=1\nFROM a:${A:-x} AS b\nRUN <<E cat && useradd -u 1 x\nE\nENV P=\"$A/${A#*}\" `\n  Q='x'\nHEALTHCHECK --interval=5s CMD [\"a\"]\nFROM b\nONBUILD COPY [\"ä\", \"/ü/\"]\nEXPOSE 1-2/udp\nVOLUME /x\n";
    let bytes = text.as_bytes();
    let mut seed = 1_u32;
    for _ in 0..20_000 {
        let mut damaged = bytes.to_vec();
        for _ in 0..3 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (seed >> 8) as usize % damaged.len().max(1);
            match seed % 3 {
                _ if damaged.is_empty() => {}
                0 => damaged[at] = bytes[(seed >> 16) as usize % bytes.len()],
                1 => drop(damaged.remove(at)),
                _ => damaged.truncate(at.max(1)),
            }
        }
        let damaged = String::from_utf8_lossy(&damaged);
        if let Err(problem) = built(&damaged, &[("A", "\u{e9}")], None, &|_| Facts::default()) {
            assert!(problem.range.end <= damaged.len() && !problem.reason.is_empty());
        }
    }
}
