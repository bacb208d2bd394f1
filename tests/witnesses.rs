//! Readers that we did not write: what we print is read back by one, what we read is read by another.
#![expect(clippy::disallowed_methods, reason = "a test looks at files and starts the tool")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `transship config` prints of a project.
fn printed(folder: &Path, format: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_transship"))
        .args(["config", "--format", format])
        .arg(folder)
        .output()
        .expect("the tool starts");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

/// The folders of the cases and of the example that hold a Compose file of the first default name.
fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = fs::read_dir(root.join("testdata/resolve")).expect("the cases are there");
    let cases = cases.map(|case| case.expect("an entry").path());
    let mut folders: Vec<PathBuf> = cases
        .filter(|case| case.join("compose.yaml").is_file())
        .chain([root.join("examples/shop")])
        .collect();
    folders.sort();
    folders
}

/// Every YAML that we print means, to a reader of its own, what the JSON says.
#[test]
fn printed_yaml_is_read_back_as_the_printed_json() {
    let mut read = 0;
    for folder in projects() {
        let (Some(yaml), Some(json)) = (printed(&folder, "yaml"), printed(&folder, "json")) else { continue };
        let back: serde_json::Value = yaml_serde::from_str(&yaml).expect("YAML");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(back, json, "{}", folder.display());
        read += 1;
    }
    assert!(read > 20, "only {read} projects were printed");
}

/// A reader with types of its own finds the services and images of the example that we find.
#[test]
fn a_typed_reader_finds_the_services_and_images_of_the_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let yaml = printed(&folder, "yaml").expect("the example loads");
    let theirs: docker_compose_types::Compose = yaml_serde::from_str(&yaml).expect("a Compose file");
    let ours: serde_json::Value =
        serde_json::from_str(&printed(&folder, "json").expect("the example loads")).expect("JSON");
    let images: Vec<(String, Option<String>)> = theirs
        .services
        .0
        .iter()
        .map(|(name, service)| (name.clone(), service.as_ref().and_then(|service| service.image.clone())))
        .collect();
    let expected: Vec<(String, Option<String>)> = ours["services"]
        .as_object()
        .expect("services")
        .iter()
        .map(|(name, service)| (name.clone(), service["image"].as_str().map(str::to_owned)))
        .collect();
    let sorted = |mut pairs: Vec<(String, Option<String>)>| {
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(images), sorted(expected));
}

/// Text that readers of YAML 1.1 or 1.2 are known to take for something else, and what random letters add to it.
// One text a line would hide how they belong together.
#[rustfmt::skip]
fn nasty() -> Vec<String> {
    let known = [
        "y", "n", "yes", "NO", "on", "Off", "~", "null", "Null", "true", "1e3", "0x1f", "010", "0o10",
        "1_000", ".inf", "-.INF", ".nan", "22:22", "2024-01-02", "=", "<<", "", " ", "a ", " a", "a\tb",
        "\ta", "# a", "a #b", "a: b", "a:", ": a", "- a", "-", "?", "? a", "&a", "*a", "!a", "|", ">",
        "%a", "@a", "`a", "{a", "[a", "a]", "a, b", "a\nb", "a\nb\n", "a\nb\n\n", "\na", "\n", "a\n\n\nb",
        " a\nb", "a \nb", "a\n b", "a\r\nb", "\u{85}", "a\u{2028}b", "\u{feff}a", "a\u{0}b", "\u{1b}[0m",
        "\u{7f}", "'a'", "\"a\"", "a\\b", "é", "日本", "🦀", "---", "...", "--- a", "a\n---\nb", "a\n...\n",
        "1", "1.0", "+1", "-1", "0b1", "1.", "e", "inf", "NaN", "a  b", "a\u{a0}b", "{{ x }}",
    ];
    let letters: Vec<char> = "ab01 \n\t:#-?&*!|>'\"%@`{}[],=<~.\\$\u{85}\u{feff}é".chars().collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let random = (0..20_000).map(|_| (0..next(12)).map(|_| letters[next(letters.len())]).collect());
    let known: Vec<String> = known.iter().map(|text| (*text).to_owned()).collect();
    known.into_iter().chain(random).collect()
}

#[test]
fn every_text_in_an_object_is_read_back_as_that_text() {
    use transship::k8s::kind::Kind;
    use transship::plan::field::Fields;
    use transship::plan::object::{Id, Object};
    use transship::plan::why::Why;
    use transship::render::emit;

    let why = Why::Policy("a test");
    for texts in nasty().chunks(100) {
        let mut body = Fields::default();
        for (number, text) in texts.iter().enumerate() {
            body.map("data").put(format!("k{number}"), text.as_str(), &why);
            body.list("items").push_value(text.as_str(), &why);
            body.list("maps").push_map().put("value", text.as_str(), &why);
            body.map("keys").put(
                transship::source::Text::new(text),
                i64::try_from(number).expect("small"),
                &why,
            );
        }
        let id = Id { kind: Kind::ConfigMap, namespace: "n".into(), name: "c".into() };
        let yaml = emit::object(&Object { id, owners: Vec::new(), folder: None, body });
        let read: yaml_serde::Value =
            yaml_serde::from_str(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(read["data"][format!("k{number}")].as_str(), Some(text.as_str()), "{yaml}");
            assert_eq!(read["items"][number].as_str(), Some(text.as_str()), "{yaml}");
            assert_eq!(read["maps"][number]["value"].as_str(), Some(text.as_str()), "{yaml}");
            assert!(read["keys"].get(text.as_str()).is_some(), "{text:?}\n{yaml}");
        }
    }
}

/// A document as the type of its kind takes it in and gives it out again.
fn typed(kind: &str, document: &yaml_serde::Value) -> Result<yaml_serde::Value, String> {
    fn through<T: serde::Serialize + serde::de::DeserializeOwned>(
        document: &yaml_serde::Value,
    ) -> Result<yaml_serde::Value, String> {
        let object: T = yaml_serde::from_value(document.clone()).map_err(|error| error.to_string())?;
        yaml_serde::to_value(&object).map_err(|error| error.to_string())
    }
    use k8s_openapi::api::{apps, autoscaling, batch, core, discovery, networking, policy, rbac};
    match kind {
        "Namespace" => through::<core::v1::Namespace>(document),
        "ServiceAccount" => through::<core::v1::ServiceAccount>(document),
        "Role" => through::<rbac::v1::Role>(document),
        "RoleBinding" => through::<rbac::v1::RoleBinding>(document),
        "ConfigMap" => through::<core::v1::ConfigMap>(document),
        "Secret" => through::<core::v1::Secret>(document),
        "PersistentVolume" => through::<core::v1::PersistentVolume>(document),
        "PersistentVolumeClaim" => through::<core::v1::PersistentVolumeClaim>(document),
        "Service" => through::<core::v1::Service>(document),
        "EndpointSlice" => through::<discovery::v1::EndpointSlice>(document),
        "Deployment" => through::<apps::v1::Deployment>(document),
        "StatefulSet" => through::<apps::v1::StatefulSet>(document),
        "DaemonSet" => through::<apps::v1::DaemonSet>(document),
        "Job" => through::<batch::v1::Job>(document),
        "CronJob" => through::<batch::v1::CronJob>(document),
        "NetworkPolicy" => through::<networking::v1::NetworkPolicy>(document),
        "Ingress" => through::<networking::v1::Ingress>(document),
        "PodDisruptionBudget" => through::<policy::v1::PodDisruptionBudget>(document),
        "HorizontalPodAutoscaler" => through::<autoscaling::v2::HorizontalPodAutoscaler>(document),
        other => Err(format!("the witness does not know the kind `{other}`")),
    }
}

/// Every value of `small` stands in `large` at the same place.
fn missing(small: &yaml_serde::Value, large: &yaml_serde::Value, path: &str) -> Vec<String> {
    use yaml_serde::Value;
    match (small, large) {
        (Value::Mapping(small), Value::Mapping(large)) => small
            .iter()
            .flat_map(|(key, value)| {
                let path = format!("{path}.{}", key.as_str().unwrap_or("?"));
                match large.get(key) {
                    Some(other) => missing(value, other, &path),
                    None => vec![path],
                }
            })
            .collect(),
        (Value::Sequence(small), Value::Sequence(large)) if small.len() == large.len() => small
            .iter()
            .zip(large)
            .enumerate()
            .flat_map(|(at, (left, right))| missing(left, right, &format!("{path}[{at}]")))
            .collect(),
        (left, right) if left == right => Vec::new(),
        (left, right) => vec![format!("{path}: {left:?} became {right:?}")],
    }
}

#[test]
fn typed_readers_know_every_field_of_every_object() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert");
    let mut kinds = std::collections::BTreeSet::new();
    for case in fs::read_dir(&folder).expect("the cases are there") {
        let folder = case.expect("an entry").path();
        if !folder.is_dir() {
            continue;
        }
        let path = folder.join("manifests.yaml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for document in text.split("\n---\n").filter(|document| !document.trim().is_empty()) {
            let value: yaml_serde::Value = yaml_serde::from_str(document).expect("the manifest is YAML");
            let kind = value["kind"].as_str().expect("an object has a kind").to_owned();
            // Definitions that a cluster gets later have no types here; a server judges them (`oracles --only crds`).
            if transship::k8s::kind::Kind::of(&kind).is_some_and(transship::k8s::kind::Kind::is_custom) {
                continue;
            }
            let read =
                typed(&kind, &value).unwrap_or_else(|error| panic!("{}: {kind}: {error}", path.display()));
            let lost = missing(&value, &read, &kind);
            assert!(lost.is_empty(), "{}: {lost:?}", path.display());
            kinds.insert(kind);
        }
    }
    assert!(kinds.contains("Deployment"), "{kinds:?}");
}
