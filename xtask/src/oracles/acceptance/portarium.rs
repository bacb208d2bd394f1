//! Document 001, Portarium: a tree with overlays.

use std::path::Path;

use super::findings::Findings;
use super::{Lane, stand_in};

/// What line 3 gives to `convert`, from the folder above that of the system.
pub(super) fn flags() -> Vec<String> {
    let flags = [
        "-f",
        "portarium/docker-compose.yml",
        "-f",
        "portarium/docker-compose.local.yml",
        "--profile",
        "*",
        "--image-map",
        "portarium-local-api=ghcr.io/example/portarium-api:1.0.0",
        "--image-map",
        "portarium-local-worker=ghcr.io/example/portarium-worker:1.0.0",
    ];
    flags.map(str::to_owned).to_vec()
}

/// Its lines.
pub(super) fn run(lane: &mut Lane) -> Result<(), String> {
    let bare = ["convert", "-f", "portarium/docker-compose.yml", "--to", "kustomize", "-o", "out-bare"];
    let output = lane.transship(&bare)?;
    lane.equals("001.1: without a profile", &output.status.code().unwrap_or(-1).to_string(), "2");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let profiles =
        ["auth", "authz", "authz-init", "baseline", "erp", "idp", "rate-limiting", "runtime", "tools"];
    let missing: Vec<&str> = profiles.into_iter().filter(|profile| !said.contains(profile)).collect();
    lane.holds("001.1: the profiles are named", missing.join(", "));
    let named = if said.contains("empty-project") { "" } else { "another rule" };
    lane.holds("001.1: the rule", named);
    let there = if lane.work.join("out-bare").exists() { "it is there" } else { "" };
    lane.holds("001.1: no folder", there);

    lint(lane)?;
    stand_in(&lane.inputs.join("portarium-files"), &lane.work.join("portarium"))?;
    let words = flags();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let overlays = [
        ("dev", "portarium.dev.yaml"),
        ("staging", "portarium.staging.yaml"),
        ("prod", "portarium.prod.yaml"),
    ];
    let built = lane.tree("001.3", &words, &overlays)?;
    let (api, worker) = ("Deployment/portarium-local/api", "Deployment/portarium-local/worker");
    let (store, grafana) =
        ("StatefulSet/portarium-local/evidence-store", "StatefulSet/portarium-local/grafana");
    let differ: [(&str, &[&str]); 3] =
        [("dev", &[]), ("staging", &[api, worker]), ("prod", &[api, worker, store, grafana])];
    lane.overlays("001.4", &built, &differ)?;
    let base = built.first().map(|(_, path)| path.clone()).ok_or("nothing was built")?;
    lane.ports("001.6", &base, "ports/001.txt")?;
    probes(lane, &base)?;
    let place = "spec.template.spec.containers[0].args";
    let kept = r#"["redis-server", "--save", "", "--appendonly", "no"]"#;
    lane.value("001.8: the empty word", &base, ("Deployment/rate-limit-store", place), kept)?;
    let found = lane.check(&["get", "Deployment/vault", place], &[&base])?;
    let reference = found.contains("-dev-root-token-id=$(");
    lane.holds("001.8: no token", if reference { String::new() } else { found });
    let mut strict = words.to_vec();
    strict.extend(["--network-policy", "strict"]);
    let (_, report) = lane.manifests("001.9", 0, &strict)?;
    lane.edges("001.9: edges", &report, "edges/001.tsv")?;
    lane.never("001.10", "out-001.3", &["portarium-root-token", "portarium-dev-token", "portarium123"])
}

const FILES: [&str; 4] = ["-f", "portarium/docker-compose.yml", "-f", "portarium/docker-compose.local.yml"];

/// The rest of line 1, and line 2.
fn lint(lane: &mut Lane) -> Result<(), String> {
    let mut cockpit = FILES.to_vec();
    cockpit.extend(["--profile", "cockpit"]);
    let one = Findings::of(lane, "001.1", 1, &cockpit)?;
    for inactive in ["evidence-db", "temporal", "evidence-store", "vault", "otel-collector"] {
        one.has(lane, "001.1", "error", &[("broken-reference", inactive)]);
    }
    let mut all = FILES.to_vec();
    all.extend(["--profile", "*"]);
    let whole = Findings::of(lane, "001.2", 1, &all)?;
    let errors = [
        ("unpullable-image", "services.db-init."),
        ("unpullable-image", "services.api."),
        ("unpullable-image", "services.worker."),
        ("missing-file", "services.openfga-init.volumes[0]"),
    ];
    whole.errors(lane, "001.2", &errors);
    let warnings = [
        ("literal-secret", "services.temporal.environment.POSTGRES_PWD"),
        ("literal-secret", "services.vault.command"),
        ("literal-secret", "services.api.environment.PORTARIUM_DEV_TOKEN"),
        ("credential-in-url", "services.db-init.environment.DATABASE_URL"),
        ("credential-in-url", "services.api.environment.PORTARIUM_DATABASE_URL"),
        ("floating-tag", "services.evidence-store."),
        ("floating-tag", "services.evidence-store-init."),
        ("floating-tag", "services.grafana."),
        ("nondeterministic-readiness", "services.otel-collector."),
        ("nondeterministic-readiness", "services.openfga."),
        ("disguised-one-shot", "services.evidence-store-init.entrypoint"),
        ("disguised-one-shot", "services.openfga-init.command"),
        ("missing-healthcheck", "`tempo`"),
        ("missing-healthcheck", "`grafana`"),
        ("completion-dependency", "services.api."),
        ("implicit-port", "5432"),
        ("implicit-port", "4317"),
    ];
    whole.has(lane, "001.2", "warning", &warnings);
    for (rule, number) in [
        ("literal-secret", 13),
        ("credential-in-url", 2),
        ("startup-order", 17),
        ("invented-volume-size", 7),
        ("container-name", 18),
    ] {
        whole.count(lane, "001.2", rule, number);
    }
    let notes = [
        ("unused-declaration", "volumes.temporal-data"),
        ("unset-restart", ""),
        ("kubelet-expansion", "services.temporal.healthcheck.test"),
    ];
    whole.has(lane, "001.2", "note", &notes);
    let silent =
        ["container-name-as-hostname", "undeclared-egress", "host-network", "discarded-command-tail"];
    whole.none(lane, "001.2", &silent);
    Ok(())
}

/// Line 7: commands stay byte for byte, and what asks a server for a page becomes a request of the kubelet.
fn probes(lane: &mut Lane, base: &Path) -> Result<(), String> {
    let place = "spec.template.spec.containers[0].readinessProbe";
    let command = format!("{place}.exec.command[2]");
    for (object, part) in
        [("Deployment/temporal", "$$(hostname -i):7233"), ("Deployment/keycloak", "/dev/tcp/127.0.0.1/")]
    {
        let found = lane.check(&["get", object, &command], &[base])?;
        lane.holds(&format!("001.7: {object}"), if found.contains(part) { String::new() } else { found });
    }
    for object in ["Deployment/api", "Deployment/worker"] {
        lane.value(
            &format!("001.7: {object}"),
            base,
            (object, &format!("{place}.exec.command[0]")),
            "\"node\"",
        )?;
    }
    for (object, port, path) in [
        ("StatefulSet/evidence-store", "9000", "\"/minio/health/live\""),
        ("StatefulSet/odoo", "8069", "\"/web/health\""),
    ] {
        lane.value(&format!("001.7: {object} port"), base, (object, &format!("{place}.httpGet.port")), port)?;
        lane.value(&format!("001.7: {object} path"), base, (object, &format!("{place}.httpGet.path")), path)?;
    }
    Ok(())
}
