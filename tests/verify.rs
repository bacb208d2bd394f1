//! `verify` takes what `convert` writes, and says what is wrong with it once somebody has changed it.
#![expect(clippy::disallowed_methods, reason = "a test makes folders and starts the tool")]

#[path = "support/tool.rs"]
mod tool;

use std::fs;
use std::path::{Path, PathBuf};

use tool::Ran;

/// A project whose output has everything that one object can say of another.
const SHOP: &str = r#"
name: shop
services:
  web:
    image: example/web:1
    ports: ["8080:80"]
    networks: [front]
    environment: {API_URL: "http://api:9000", API_TOKEN: hunter2}
  api:
    image: example/api:1
    expose: ["9000"]
    networks: [front, back]
    volumes: ["data:/data"]
    configs: [settings]
  db:
    image: example/db:1
    expose: ["5432"]
    networks: [back]
    volumes: ["data:/data:ro"]
networks:
  front:
  back: {internal: true}
volumes:
  data: {x-transship: {size: 1Gi}}
configs:
  settings: {content: "a: b\n"}
"#;

/// Cases whose output a cluster takes only as their authors have promised, and what `verify` says of them.
const PROMISED: &[(&str, &str)] = &[
    ("allowed-root-stays-root-in-a-restricted-pod", "\"restricted\""),
    ("promised-stop-signals-are-written", "needs the feature gate"),
];

/// An empty folder.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The project and its output.
fn shop(name: &str) -> PathBuf {
    let folder = fresh(name);
    fs::write(folder.join("compose.yaml"), SHOP).expect("a file");
    let ran = Ran::of(&folder, &["convert", "-o", "k8s"], &[], None);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder
}

/// Verifies the output after a change of one of its files.
fn after(name: &str, file: &str, from: &str, to: &str) -> Ran {
    let folder = shop(name);
    let path = folder.join("k8s").join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    assert!(text.contains(from), "{file} has no `{from}`:\n{text}");
    fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    Ran::of(&folder, &["verify", "k8s", "compose.yaml", "--format", "concise"], &[], None)
}

#[track_caller]
fn is_rejected(ran: &Ran, words: &str) {
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let said = ran.stdout.lines().any(|line| line.contains("[rejected-output]") && line.contains(words));
    assert!(said, "nothing says `{words}`:\n{}", ran.stdout);
}

#[test]
fn what_is_written_passes() {
    let folder = shop("passes");
    let ran = Ran::of(&folder, &["verify", "k8s", "compose.yaml"], &[], None);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("nothing to report in "), "{}", ran.stdout);
}

#[test]
fn every_golden_case_passes_beside_its_project() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert");
    let out = fresh("golden");
    let mut failures = Vec::new();
    let mut cases: Vec<PathBuf> = fs::read_dir(cases)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let target = out.join(&name).to_string_lossy().into_owned();
        let flags = fs::read_to_string(case.join("args")).unwrap_or_default();
        let flags: Vec<&str> =
            flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect();
        let ran = Ran::of(&case, &[&["convert", "-o", &target], flags.as_slice()].concat(), &[], None);
        assert!(ran.code < 2, "{name}: {}", ran.stderr);
        // Where no service converts, nothing is written.
        if !Path::new(&target).is_dir() {
            continue;
        }
        let arguments =
            [&["verify", &target, "compose.yaml", "--format", "concise"], flags.as_slice()].concat();
        let ran = Ran::of(&case, &arguments, &[], None);
        let promised = PROMISED.iter().find(|(case, _)| *case == name);
        if let Some((_, words)) = promised {
            is_rejected(&ran, words);
            assert!(
                ran.stdout.lines().all(|line| line.contains(words) || line.contains("as root")),
                "{name}"
            );
        } else if ran.code != 0 {
            failures.push(format!("{name}: {}{}", ran.stdout, ran.stderr));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_claim_that_is_not_there_is_said() {
    let ran = after("claim", "api/deployment.yaml", "claimName: data", "claimName: dota");
    is_rejected(&ran, "there is no PersistentVolumeClaim `dota`");
}

#[test]
fn a_config_that_is_not_there_is_said() {
    let folder = shop("config");
    fs::remove_file(folder.join("k8s/api/configmap-settings.yaml")).expect("the file goes");
    let ran = Ran::of(&folder, &["verify", "k8s", "compose.yaml", "--format", "concise"], &[], None);
    is_rejected(&ran, "there is no ConfigMap `settings`");
}

#[test]
fn a_selector_that_takes_no_pod_is_said() {
    let from = "selector:\n    app.kubernetes.io/name: api";
    let to = "selector:\n    app.kubernetes.io/name: app";
    is_rejected(&after("selector", "api/service.yaml", from, to), "it selects no pod");
}

#[test]
fn a_policy_that_lets_more_through_is_said() {
    let from = "- podSelector:\n        matchLabels:\n          transship/net.back: member";
    let to = "- podSelector: {}";
    is_rejected(
        &after("policy", "networkpolicy-net-back.yaml", from, to),
        "the policies let `web` through to `db`",
    );
}

#[test]
fn a_key_of_a_secret_that_nobody_makes_is_said() {
    let ran = after("key", "web/deployment.yaml", "key: API_TOKEN", "key: API_TOKENS");
    is_rejected(&ran, "`web-env`");
}

#[test]
fn a_field_that_nobody_knows_is_said() {
    let ran = after("field", "web/deployment.yaml", "replicas: 1", "replica: 1");
    is_rejected(&ran, "replica");
}

#[test]
fn two_objects_of_one_name_are_said() {
    let folder = shop("twice");
    fs::copy(folder.join("k8s/web/service.yaml"), folder.join("k8s/web/again.yaml")).expect("a copy");
    let ran = Ran::of(&folder, &["verify", "k8s", "compose.yaml", "--format", "concise"], &[], None);
    is_rejected(&ran, "another object has the same kind and name");
}

/// Verifies the output of an operator's Secrets and of routes, after a change of one of its files.
fn routed(name: &str, expose: &str, file: &str, from: &str, to: &str) -> Ran {
    let folder = fresh(name);
    fs::write(folder.join("compose.yaml"), SHOP).expect("a file");
    let flags = ["--secrets", "external", "--expose", expose, "--gateway", "infra/public"];
    let ran = Ran::of(&folder, &[&["convert", "-o", "k8s"], &flags[..]].concat(), &[], None);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path = folder.join("k8s").join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    assert!(text.contains(from), "{file} has no `{from}`:\n{text}");
    fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    let verify = ["verify", "k8s", "compose.yaml", "--format", "concise"];
    Ran::of(&folder, &[&verify, &flags[..]].concat(), &[], None)
}

#[test]
fn kinds_that_only_a_cluster_has_are_named_and_their_references_held() {
    let ran = routed("custom", "gateway", "web/httproute.yaml", "port: 8080", "port: 8080");
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains(
            "fields not checked, because only a cluster has their schema: ExternalSecret, HTTPRoute\n"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_route_to_a_service_or_a_port_that_is_not_there_is_said() {
    let ran = routed("ingress", "ingress", "web/ingress.yaml", "name: web-published", "name: web-gone");
    is_rejected(&ran, "there is no Service `web-gone`");
    let ran = routed("ingress-port", "ingress", "web/ingress.yaml", "number: 8080", "number: 80");
    is_rejected(&ran, "Service `web-published` has no such port");
    let ran = routed("route-port", "gateway", "web/httproute.yaml", "port: 8080", "port: 80");
    is_rejected(&ran, "Service `web-published` has no such port");
}

#[test]
fn a_key_that_no_operator_is_asked_for_is_said() {
    let ran = routed(
        "asked",
        "none",
        "web/externalsecret-env.yaml",
        "secretKey: API_TOKEN",
        "secretKey: OTHER_TOKEN",
    );
    is_rejected(&ran, "no key `API_TOKEN` of the Secret `web-env` is asked for");
}
