//! Document 000, Opencomplai: a chart for namespaces that are restricted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::findings::Findings;
use super::{Lane, words_of};
use crate::oracles::forms::{self, objects::Objects};
use crate::oracles::toolchain;
use crate::place;

const COMPOSE: &str = "opencomplai/infra/compose/docker-compose.yml";
const EXAMPLE: &str = "opencomplai/infra/compose/.env.example";

/// The services that stay when falco is left out.
const SERVICES: &str = "postgres,redis,risk-engine,evidence-vault,doc-generator,egress-proxy,gateway-api,prometheus,grafana,otel-collector";

/// What line 3 gives to `convert`; `folder` is the system, `inputs` what belongs to it.
pub(super) fn flags(folder: &Path, inputs: &Path) -> Vec<String> {
    let compose = folder.join("infra/compose/docker-compose.yml").display().to_string();
    let variables = inputs.join("opencomplai.env").display().to_string();
    let registry = "ghcr.io/opencomplai/opencomplai";
    let seeder = format!("opencomplai-demo-seeder={registry}/evidence-vault");
    let mut flags: Vec<&str> = vec!["-f", &compose, "--env-file", &variables, "--posture", "restricted"];
    flags.extend([
        "--exclude",
        "falco",
        "--allow",
        "literal-secret",
        "--registry",
        registry,
        "--image-map",
        &seeder,
    ]);
    for user in [
        "postgres=70:70",
        "redis=999:1000",
        "demo-seeder=1001:1001",
        "otel-collector=10001:10001",
        "prometheus=65534:65534",
        "grafana=472:0",
    ] {
        flags.extend(["--user-map", user]);
    }
    flags.into_iter().map(str::to_owned).collect()
}

/// Its lines.
pub(super) fn run(lane: &mut Lane) -> Result<(), String> {
    lint(lane)?;
    let (chart, build) = chart(lane)?;
    lane.nothing("000.5: references", &["references"], &[&build])?;
    lane.nothing("000.5: names", &["names", SERVICES], &[&build])?;
    provided(lane, &chart, &build)?;
    lane.ports("000.6", &build, "ports/000.txt")?;
    let ports = lane.check(&["ports"], &[&build])?;
    let published: Vec<String> = ports
        .lines()
        .filter_map(|line| line.split_once("-published").map(|(before, rest)| format!("{before}{rest}")))
        .map(|line| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" "))
        .collect();
    let expected = "gateway-api ClusterIP 8080>8080/TCP, grafana ClusterIP 3001>3000/TCP, prometheus ClusterIP 9090>9090/TCP";
    lane.equals("000.6: published", &published.join(", "), expected);
    let flags = flags(&lane.work.join("opencomplai"), &lane.inputs);
    let mut words: Vec<&str> = flags.iter().map(String::as_str).collect();
    words.extend(["--network-policy", "strict"]);
    let (_, report) = lane.manifests("000.7", 0, &words)?;
    lane.edges("000.7: edges", &report, "edges/000.tsv")?;
    let findings = report["findings"].as_array().into_iter().flatten();
    let severed: Vec<&str> = findings
        .filter(|finding| finding["rule"] == "severed-connection")
        .filter_map(|finding| finding["message"].as_str())
        .collect();
    for peer in ["redis", "otel-collector"] {
        let said = severed.iter().any(|words| words.contains(&format!("need `{peer}`")));
        lane.holds(&format!("000.7: nothing refers to {peer}"), if said { "" } else { "nobody says so" });
    }
    kinds(lane, &chart, &build)?;
    probes(lane, &build)?;
    values(lane, &build)?;
    inline(lane)?;
    lane.never("000.12", "chart-000", &["canary-"])
}

/// Lines 1 and 2.
fn lint(lane: &mut Lane) -> Result<(), String> {
    let bare = Findings::of(lane, "000.1", 1, &[COMPOSE, "--env-file", EXAMPLE])?;
    let built =
        ["risk-engine", "evidence-vault", "doc-generator", "egress-proxy", "gateway-api", "demo-seeder"];
    let mut errors: Vec<(&str, &str)> = built.map(|_| ("unpullable-image", "services.")).into();
    errors.extend([
        ("missing-required-variable", "services.risk-engine.environment.INTERNAL_SERVICE_TOKEN_SECRET"),
        ("runtime-socket", "services.falco.volumes[0]"),
        ("host-path-bind", "services.falco.volumes[1]"),
        ("privileged-container", "services.falco.privileged"),
    ]);
    bare.errors(lane, "000.1", &errors);
    for service in built {
        bare.has(lane, "000.1", "error", &[("unpullable-image", &format!("services.{service}."))]);
    }
    let warnings = [
        ("undeclared-egress", "services.gateway-api."),
        ("undeclared-egress", "services.prometheus."),
        ("undeclared-egress", "services.grafana."),
        ("undeclared-egress", "services.egress-proxy."),
        ("literal-secret", "services.demo-seeder.environment.DEMO_TENANT_API_KEY"),
        ("implicit-port", "5432"),
        ("implicit-port", "8001"),
        ("implicit-port", "8002"),
        ("implicit-port", "8003"),
        ("implicit-port", "8004"),
        ("implicit-port", "9464"),
        ("missing-healthcheck", "`prometheus`"),
        ("missing-healthcheck", "`grafana`"),
        ("unspecified-user", "`demo-seeder`"),
        ("unspecified-user", "`falco`"),
    ];
    bare.has(lane, "000.1", "warning", &warnings);
    for (rule, number) in [
        ("literal-secret", 1),
        ("startup-order", 11),
        ("tmpfs-mount", 4),
        ("invented-volume-size", 6),
        ("missing-healthcheck", 2),
        ("unspecified-user", 2),
    ] {
        bare.count(lane, "000.1", rule, number);
    }
    bare.has(lane, "000.1", "note", &[("unused-declaration", "volumes.config_data")]);
    let silent = [
        "missing-file",
        "broken-reference",
        "floating-tag",
        "credential-in-url",
        "container-name",
        "root-user",
        "impossible-gate",
        "unresolved-variable",
    ];
    bare.none(lane, "000.1", &silent);
    let overrides: [(&str, &[&str]); 4] = [
        ("redis: {network_mode: host, networks: !reset null}", &["host-network"]),
        ("risk-engine: {volumes: [/srv/x:/data]}", &["host-path-bind"]),
        (
            "evidence-vault: {container_name: vault1}\n  risk-engine: {environment: {EVIDENCE_VAULT_URL: http://vault1:8002}}",
            &["container-name-as-hostname"],
        ),
        ("doc-generator: {user: root}", &["root-user"]),
    ];
    for (text, rules) in overrides {
        std::fs::write(lane.work.join("more.yaml"), format!("services:\n  {text}\n"))
            .map_err(|error| error.to_string())?;
        let words = ["-f", COMPOSE, "-f", "more.yaml", "--env-file", EXAMPLE];
        let more = Findings::of(lane, "000.2", 1, &words)?;
        lane.equals(&format!("000.2: {text}"), &more.beyond(&bare).join(", "), &rules.join(", "));
    }
    Ok(())
}

/// Lines 3 and 4: the chart, and what Helm makes of it.
fn chart(lane: &mut Lane) -> Result<(PathBuf, PathBuf), String> {
    let flags = flags(&lane.work.join("opencomplai"), &lane.inputs);
    let mut words = vec!["convert"];
    words.extend(flags.iter().map(String::as_str));
    words.extend(["--to", "helm", "-o", "chart-000", "--report", "chart-000.json"]);
    let output = lane.transship(&words)?;
    lane.went_well("000.3: it converts", &output);
    let report = lane.report("chart-000.json")?;
    let rows = report["ledger"].as_array().into_iter().flatten();
    let refused = rows.filter(|row| row["verdict"] == "refused").filter_map(|row| row["path"].as_str());
    let others: Vec<&str> = refused.filter(|path| !path.starts_with("services.falco")).collect();
    lane.holds("000.3: nothing else is refused", others.join(", "));
    let chart = lane.work.join("chart-000");
    let mut built = Vec::new();
    for major in [3, 4] {
        for words in [&["lint", "--strict", "--quiet"][..], &["template", "r", "-n", "opencomplai"]] {
            let output = helm(major, words, &chart)?;
            lane.went_well(&format!("000.4: Helm {major}: {}", words[0]), &output);
            if words[0] == "template" {
                built.push(String::from_utf8_lossy(&output.stdout).into_owned());
            }
        }
    }
    let apart = Objects::read(&built[0])?.differences(&Objects::read(&built[1])?);
    lane.holds("000.4: both are equal", apart.join(", "));
    let build = lane.work.join("chart-000.yaml");
    std::fs::write(&build, &built[0]).map_err(|error| format!("{}: {error}", build.display()))?;
    Ok((chart, build))
}

/// What a major version of Helm makes of a chart.
fn helm(major: u32, words: &[&str], chart: &Path) -> Result<Output, String> {
    let mut command = Command::new(toolchain::helm(major)?);
    place::ended(forms::home(&mut command).args(words).arg(chart))
}

/// Line 5: who has to be given what is said three times over.
fn provided(lane: &mut Lane, chart: &Path, build: &Path) -> Result<(), String> {
    let references = lane.check(&["references"], &[build])?;
    let secret = |line: &str| {
        let (_, rest) = line.strip_prefix("provide ")?.split_once(": Secret ")?;
        let (name, key) = rest.split(' ').next()?.split_once(':')?;
        Some(format!("{name} {key}"))
    };
    let asked: BTreeSet<String> = references.lines().filter_map(secret).collect();
    let asked: Vec<String> = asked.into_iter().collect();
    let example = chart.join("secrets.yaml.example");
    let text =
        std::fs::read_to_string(&example).map_err(|error| format!("{}: {error}", example.display()))?;
    let objects = Objects::read(&text)?;
    let mut offered = Vec::new();
    for (_, name, object) in objects.each() {
        let keys =
            object["stringData"].as_object().into_iter().flatten().map(|(key, _)| format!("{name} {key}"));
        offered.extend(keys);
    }
    offered.sort();
    lane.equals("000.5: what the example offers", &offered.join(", "), &asked.join(", "));
    let report = lane.report("chart-000.json")?;
    let said: Vec<&str> = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|finding| finding["rule"] == "unprovided-secret")
        .filter_map(|finding| finding["message"].as_str())
        .collect();
    for one in &asked {
        let (name, key) = one.split_once(' ').unwrap_or((one, ""));
        let there = said.iter().any(|words| words.contains(name) && words.contains(key));
        lane.holds(&format!("000.5: `{one}` is said"), if there { String::new() } else { said.join("; ") });
    }
    Ok(())
}

/// Line 8.
fn kinds(lane: &mut Lane, chart: &Path, build: &Path) -> Result<(), String> {
    let vault = "StatefulSet/evidence-vault";
    let claims = lane.check(&["get", vault, "spec.volumeClaimTemplates[*].metadata.name"], &[build])?;
    lane.equals("000.8: claims", &claims.lines().count().to_string(), "2");
    for (object, place, expected) in [
        (vault, "spec.replicas", "1"),
        (vault, "spec.template.spec.securityContext.fsGroup", "1001"),
        ("Job/demo-seeder", "spec.backoffLimit", "3"),
        ("Job/demo-seeder", "spec.template.spec.restartPolicy", "\"OnFailure\""),
        ("StatefulSet/postgres", "spec.replicas", "1"),
        ("StatefulSet/redis", "spec.replicas", "1"),
    ] {
        // The name of a Job follows what it is made of.
        let object = lane.whole_name(build, object)?;
        lane.value(&format!("000.8: {object} {place}"), build, (&object, place), expected)?;
    }
    let seeder = lane.whole_name(build, "Job/demo-seeder")?;
    let gates = lane.check(&["get", &seeder, "spec.template.spec.initContainers[*].args"], &[build])?;
    let gates =
        gates + &lane.check(&["get", &seeder, "spec.template.spec.initContainers[*].command"], &[build])?;
    let gates =
        gates + &lane.check(&["get", &seeder, "spec.template.spec.initContainers[*].name"], &[build])?;
    for peer in ["gateway-api", "evidence-vault"] {
        let there = if gates.contains(peer) { "" } else { "no container waits for it" };
        lane.holds(&format!("000.8: the seeder waits for {peer}"), there);
    }
    for service in ["risk-engine", "doc-generator", "egress-proxy", "gateway-api"] {
        let object = format!("Deployment/{service}");
        let place = "spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem";
        lane.value(&format!("000.8: {service} cannot write"), build, (&object, place), "true")?;
        let mounts = lane.check(
            &["get", &object, "spec.template.spec.containers[0].volumeMounts[*].mountPath"],
            &[build],
        )?;
        let there = if mounts.lines().any(|path| path == "\"/tmp\"") { String::new() } else { mounts };
        lane.holds(&format!("000.8: {service} has /tmp"), there);
    }
    let output = helm(3, &["template", "r", "--set", "evidenceVault.replicas=2"], chart)?;
    let wrong = if output.status.success() { "the schema takes two" } else { "" };
    lane.holds("000.8: one writer", wrong);
    Ok(())
}

/// Line 9.
fn probes(lane: &mut Lane, build: &Path) -> Result<(), String> {
    let place = "spec.template.spec.containers[0].readinessProbe";
    for (object, port, path) in [
        ("Deployment/risk-engine", 8001, "/health"),
        ("StatefulSet/evidence-vault", 8002, "/health"),
        ("Deployment/doc-generator", 8003, "/health"),
        ("Deployment/egress-proxy", 8004, "/egress-health"),
        ("Deployment/gateway-api", 8080, "/health"),
    ] {
        for (field, expected) in [
            ("httpGet.port", port.to_string()),
            ("httpGet.path", format!("\"{path}\"")),
            ("periodSeconds", "15".to_owned()),
            ("timeoutSeconds", "5".to_owned()),
            ("failureThreshold", "5".to_owned()),
        ] {
            let found = lane.check(&["get", object, &format!("{place}.{field}")], &[build])?;
            lane.json(&format!("000.9: {object} {field}"), &found, &expected);
        }
    }
    for object in ["StatefulSet/postgres", "StatefulSet/redis"] {
        let found = lane.check(&["get", object, &format!("{place}.exec.command[0]")], &[build])?;
        lane.holds(&format!("000.9: {object}"), if found.trim().is_empty() { "no command" } else { "" });
    }
    let text = std::fs::read_to_string(build).map_err(|error| error.to_string())?;
    lane.holds("000.9: no liveness", if text.contains("livenessProbe") { "there is one" } else { "" });
    Ok(())
}

/// Lines 10 and 11.
fn values(lane: &mut Lane, build: &Path) -> Result<(), String> {
    let vault = "StatefulSet/evidence-vault";
    let names = lane.check(&["get", vault, "spec.template.spec.containers[0].env[*].name"], &[build])?;
    let place = |name: &str| names.lines().position(|line| line == format!("\"{name}\""));
    let in_order =
        place("POSTGRES_PASSWORD").zip(place("DATABASE_URL")).is_some_and(|(first, then)| first < then);
    lane.holds("000.10: the password comes first", if in_order { String::new() } else { names.clone() });
    let url = "\"postgresql://opencomplai:$(POSTGRES_PASSWORD)@postgres:5432/opencomplai\"";
    let place = "spec.template.spec.containers[0].env[name=DATABASE_URL].value";
    lane.value("000.10: the URL", build, (vault, place), url)?;
    let folder = lane.work.join("opencomplai/infra/compose");
    for (service, mounted, file) in [
        ("prometheus", "/etc/prometheus/prometheus.yml", "prometheus.yml"),
        (
            "grafana",
            "/etc/grafana/provisioning/dashboards/opencomplai.json",
            "grafana/provisioning/dashboards/opencomplai.json",
        ),
    ] {
        let object = lane.whole_name(build, &format!("StatefulSet/{service}"))?;
        lane.bytes("000.11", build, (&object, mounted), &folder.join(file))?;
    }
    Ok(())
}

/// The end of line 4: a chart that brings its Secrets asks for each value by its name.
fn inline(lane: &mut Lane) -> Result<(), String> {
    let flags = flags(&lane.work.join("opencomplai"), &lane.inputs);
    let mut words = vec!["convert"];
    words.extend(flags.iter().map(String::as_str));
    words.extend(["--to", "helm", "-o", "inline-000", "--report", "inline-000.json", "--secrets", "inline"]);
    let output = lane.transship(&words)?;
    lane.went_well("000.4: it converts with its Secrets", &output);
    let chart = lane.work.join("inline-000");
    let report = lane.report("inline-000.json")?;
    let parameters = report["parameters"].as_array().into_iter().flatten();
    let open = parameters.filter(|parameter| parameter["default"].is_null());
    let open: Vec<&str> = open.filter_map(|parameter| parameter["name"].as_str()).collect();
    // Helm stops at the first that is missing: each in turn is the only one.
    for name in ["POSTGRES_PASSWORD", "INTERNAL_SERVICE_TOKEN_SECRET"] {
        let others = open.iter().filter(|other| !other.ends_with(name));
        let others: Vec<String> = others.map(|other| format!("--set={other}=given")).collect();
        let words = ["template", "r"].into_iter().chain(others.iter().map(String::as_str));
        let output = helm(3, &words.collect::<Vec<_>>(), &chart)?;
        let named = !output.status.success() && String::from_utf8_lossy(&output.stderr).contains(name);
        lane.holds(
            &format!("000.4: {name} is asked for"),
            if named { String::new() } else { words_of(&output) },
        );
    }
    lane.never("000.12", "inline-000", &["canary-"])
}
