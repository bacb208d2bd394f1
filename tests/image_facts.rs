//! What is known of the images of a project: who is trusted more, and where each fact is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use transship::compose::image_facts::{Evidence, Fact, Facts, ImageFacts};
use transship::image::{self, metadata::Metadata};
use transship::resolve::{Input, Request, resolve};
use transship::source::files::Files;
use transship::source::reader::{Failure, Kind, Memory, Reader};

/// Files in memory that count how often a Dockerfile is read.
#[derive(Default)]
struct Counting {
    files: Memory,
    reads: AtomicUsize,
}

impl Reader for Counting {
    fn kind(&self, path: &Path) -> Kind {
        self.files.kind(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        if !path.ends_with("compose.yaml") {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        self.files.read(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        self.files.list(folder)
    }

    fn is_executable(&self, path: &Path) -> bool {
        self.files.is_executable(path)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.files.canonical(path)
    }
}

/// A project, what is known of its images, and its files.
struct Case {
    facts: ImageFacts,
    files: Files,
    reads: usize,
}

fn case(compose: &str, others: &[(&str, &str)], metadata: &[&str]) -> Case {
    let mut reader = Counting::default();
    for (name, text) in others.iter().chain(&[("compose.yaml", compose)]) {
        reader.files.0.insert(Path::new("/p").join(name), text.as_bytes().to_vec());
    }
    let request = Request {
        reader: &reader,
        files: Files::default(),
        inputs: vec![Input { path: "/p/compose.yaml".into(), text: None }],
        directory: "/p".into(),
        standpoint: "/p".into(),
        name: Some("shop".into()),
        variables: BTreeMap::new(),
        profiles: Vec::new(),
    };
    let mut resolved = resolve(request);
    assert!(!resolved.refused, "{:?}", resolved.findings);
    let read = |text: &&str| Metadata::read("images.json", text.as_bytes()).expect("metadata");
    let metadata: Vec<Metadata> = metadata.iter().map(read).collect();
    let facts = image::facts(&resolved.project, &metadata, &reader, Path::new("/p"), &mut resolved.files);
    Case { facts, files: resolved.files, reads: reader.reads.into_inner() }
}

impl Case {
    /// The place of a fact: the file, the line, and the text.
    fn shown(&self, evidence: Option<&Evidence>) -> String {
        match evidence {
            Some(Evidence::Dockerfile(span)) => {
                let line = self.files.start(*span).line;
                format!("{}:{line}: {}", self.files.file(span.file).name, self.files.text(*span))
            }
            Some(Evidence::Metadata { file, image }) => format!("{file}: {image}"),
            Some(Evidence::Catalogue(entry)) => format!("catalogue: {}", entry.pattern),
            None => "nobody".to_owned(),
        }
    }

    fn unread(&self) -> Vec<String> {
        let shown = |unread: &transship::compose::image_facts::Unread| {
            let line = self.files.start(unread.span).line;
            format!("{}:{line}: {}", self.files.file(unread.span.file).name, unread.reason)
        };
        self.facts.unread.iter().map(shown).collect()
    }
}

fn uid(facts: &Facts) -> Option<u32> {
    facts.user.value().and_then(|user| user.uid())
}

fn ports(facts: &Facts) -> Vec<u16> {
    facts.ports.values().map(|ports| ports.first).collect()
}

#[test]
fn a_dockerfile_is_found_below_its_context_and_is_the_evidence() {
    let compose = "services:\n  web:\n    build:\n      context: app\n      dockerfile: web.Dockerfile\n      args: {PORT: 81}\n";
    let dockerfile = "FROM node:20\nARG PORT\nEXPOSE $PORT\nUSER node\n";
    let case = case(compose, &[("app/web.Dockerfile", dockerfile)], &[]);
    let web = case.facts.of_service("web");
    assert_eq!((ports(web), uid(web)), (vec![81], Some(1000)));
    assert_eq!(case.shown(web.user.evidence()), "app/web.Dockerfile:4: USER node");
    assert_eq!(case.shown(web.entrypoint.evidence()), "catalogue: node");
    assert_eq!(case.facts.of_service("nobody"), &Facts::default());
}

#[test]
fn metadata_is_trusted_more_than_a_dockerfile_and_that_more_than_the_catalogue() {
    let compose = "services:\n  web:\n    build: .\n  db:\n    image: postgres:17\n";
    let metadata = r#"[
        {"RepoTags": ["shop-web:latest"], "Architecture": "arm64", "Config": {"User": "7", "ExposedPorts": {"7/udp": {}}}},
        {"RepoTags": ["postgres:17"], "Config": {"User": "", "Env": ["PGDATA=/x"], "Cmd": ["postgres", "-i"]}}
    ]"#;
    let case = case(compose, &[("Dockerfile", "FROM scratch\nUSER 8\nEXPOSE 8\nCOPY a /b\n")], &[metadata]);
    let (web, db) = (case.facts.of_service("web"), case.facts.of_service("db"));
    assert_eq!((uid(web), ports(web)), (Some(7), vec![7]));
    assert_eq!(case.shown(web.user.evidence()), "images.json: shop-web:latest");
    assert_eq!(web.architectures.values().collect::<Vec<_>>(), ["arm64"]);
    assert_eq!(web.content.values().collect::<Vec<_>>(), ["/b"]);
    assert!(matches!(db.user, Fact::Absent(_)) && db.environment.complete);
    assert_eq!(
        case.shown(db.settles_as.as_ref().map(|known| &known.evidence)),
        "catalogue: postgres, pgvector/pgvector, postgis/postgis without `alpine` in the tag"
    );
}

#[test]
fn an_image_that_one_service_builds_is_known_where_another_names_it() {
    let compose = "services:\n  web:\n    build: .\n    image: acme/web:1\n  worker:\n    image: acme/web:1\n  next:\n    build:\n      context: .\n      dockerfile: next\n  other:\n    image: acme/web:2\n";
    let files = [("Dockerfile", "FROM scratch\nUSER 5\n"), ("next", "FROM acme/web:1\nEXPOSE 6\n")];
    let case = case(compose, &files, &[]);
    let next = case.facts.of_service("next");
    assert_eq!((uid(case.facts.of_service("worker")), uid(next), ports(next)), (Some(5), Some(5), vec![6]));
    assert!(case.facts.of_service("other").user.is_unknown());
}

#[test]
fn what_the_catalogue_knows_of_a_base_image_settles_variables() {
    let compose = "services:\n  web:\n    build: .\n";
    let dockerfile = "FROM debian:12\nENV PATH=/app:$PATH\nEXPOSE ${PORT:-80}\nCMD run\n";
    let case = case(compose, &[("Dockerfile", dockerfile)], &[]);
    let web = case.facts.of_service("web");
    let path = web.environment.values().next().and_then(|variable| variable.value.as_deref());
    assert_eq!(path, Some("/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    assert_eq!((ports(web), web.ports.complete), (vec![80], true));
    let command = web.command.value().map(|process| process.words());
    assert_eq!(command, Some(vec!["/bin/sh".into(), "-c".into(), "run".into()]));
}

#[test]
fn named_contexts_stand_for_base_images() {
    let compose = "services:\n  base:\n    build:\n      context: .\n      dockerfile: base\n  web:\n    build:\n      context: .\n      additional_contexts:\n        parent: service:base\n        debian: docker-image://node:20\n        dir: ./x\n";
    let files = [
        ("base", "FROM scratch\nUSER 5\n"),
        ("Dockerfile", "FROM debian\nUSER node\nFROM dir\nFROM parent\n"),
    ];
    assert_eq!(uid(case(compose, &files, &[]).facts.of_service("web")), Some(5));
    let files = [files[0], ("Dockerfile", "FROM debian:latest\nUSER node\n")];
    assert_eq!(uid(case(compose, &files, &[]).facts.of_service("web")), Some(1000));
}

#[test]
fn images_that_are_built_on_each_other_in_a_circle_are_unknown() {
    let compose = "services:\n  a:\n    image: acme/a\n    build: {context: ., dockerfile: a}\n  b:\n    image: acme/b\n    build: {context: ., dockerfile: b}\n";
    let case = case(compose, &[("a", "FROM acme/b\nEXPOSE 1\n"), ("b", "FROM acme/a\nEXPOSE 2\n")], &[]);
    assert!(case.facts.of_service("a").user.is_unknown());
}

#[test]
fn a_dockerfile_in_the_compose_file_has_its_places_there() {
    let compose = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM scratch\n        EXPOSE 80 \\\n          81\n        USER 5\n";
    let case = case(compose, &[], &[]);
    let web = case.facts.of_service("web");
    assert_eq!(case.shown(web.user.evidence()), "compose.yaml:8: USER 5");
    assert_eq!(case.shown(web.ports.items.get(1).map(|known| &known.evidence)), "compose.yaml:7: 81");
}

#[test]
fn what_cannot_be_read_is_told_and_leaves_the_facts_unknown() {
    let compose = "services:\n  none:\n    build: ./none\n  far:\n    build: https://example.com/x.git\n  bad:\n    build: .\n";
    let case = case(compose, &[("Dockerfile", "FROM scratch\nUSER 5\nEXPOSE x\n")], &[]);
    let expected = [
        "compose.yaml:3: the Dockerfile `none/Dockerfile` cannot be read: there is no such file",
        "compose.yaml:5: the build context is an address; nothing is fetched",
        "Dockerfile:3: `x` is no port; write a number or a range, as in `80`, `53/udp` or `8000-8010`",
    ];
    assert_eq!(case.unread(), expected);
    assert!(case.facts.of_service("bad").user.is_unknown());
}

#[test]
fn hooks_have_the_image_of_the_service_or_their_own() {
    let compose = "services:\n  web:\n    build: .\n    image: acme/web\n    pre_start:\n      - command: [a]\n      - image: prom/prometheus:v3.0.0\n        command: [b]\n";
    let case = case(compose, &[("Dockerfile", "FROM scratch\nUSER 5\n")], &[]);
    let hook = |index| uid(case.facts.of_pre_start("web", index));
    assert_eq!((hook(0), hook(1), hook(2)), (Some(5), Some(65534), None));
}

#[test]
fn a_dockerfile_is_read_once_however_many_services_it_builds() {
    let mut compose = "services:\n".to_owned();
    for index in 0..2000 {
        compose += &format!("  s{index}:\n    build: .\n  i{index}:\n    image: postgres:17\n");
    }
    let case = case(&compose, &[("Dockerfile", "FROM scratch\nUSER 5\n")], &[]);
    assert_eq!(case.reads, 1);
    assert_eq!(uid(case.facts.of_service("s1999")), Some(5));
}

#[test]
fn metadata_may_be_a_map_of_image_configurations() {
    let metadata = r#"{"ghcr.io/acme/x:1": {"architecture": "amd64", "config": {"User": "5:6", "WorkingDir": "/w",
        "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 5000000000}, "Volumes": {"/v": {}}, "StopSignal": "SIGINT"}}}"#;
    let case = case("services:\n  x:\n    image: ghcr.io/acme/x:1\n", &[], &[metadata]);
    let x = case.facts.of_service("x");
    let user = x.user.value().map(|user| (user.uid(), user.gid()));
    assert_eq!(user, Some((Some(5), Some(6))));
    assert_eq!(x.volumes.values().collect::<Vec<_>>(), ["/v"]);
    assert_eq!(
        x.healthcheck.value().and_then(|health| health.interval).map(|time| time.0),
        Some(5_000_000_000)
    );
    assert!(x.ports.complete && x.ports.items.is_empty());
}

#[test]
fn metadata_that_cannot_be_read_says_what_would_be_valid() {
    let valid = "valid is what `docker image inspect` prints, or an object whose keys are image names and whose values are OCI image configurations";
    let wrong = |text: &str| Metadata::read("m.json", text.as_bytes()).expect_err("it is not valid");
    assert_eq!(wrong("3"), format!("`m.json`: it is neither a list nor an object; {valid}"));
    assert_eq!(wrong("[{}]"), format!("`m.json`: `[0]` has no `Config`; {valid}"));
    assert_eq!(
        wrong(r#"[{"Config": {"User": 5}}]"#),
        format!("`m.json`: `[0].Config.User` is no string; {valid}")
    );
    assert_eq!(
        wrong(r#"{"architecture": "amd64", "config": {}}"#),
        format!("`m.json`: the image configuration does not say of which image it is; {valid}")
    );
    assert!(wrong("{").starts_with("`m.json` is no JSON: EOF while parsing an object"));
}
