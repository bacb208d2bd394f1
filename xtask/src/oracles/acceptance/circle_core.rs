//! Document 003, Circle Core: a tree with overlays.

use std::path::Path;

use super::findings::Findings;
use super::{Lane, stand_in};

/// What line 2 gives to `convert`, from the folder above that of the system.
pub(super) fn flags(inputs: &Path) -> Vec<String> {
    let variables = inputs.join("circle-core.env").display().to_string();
    let flags = [
        "-f",
        "circle-core/deployment/docker/docker-compose.prod.yml",
        "--env-file",
        &variables,
        "--image-map",
        "circle-core=ghcr.io/example/circle-core",
    ];
    flags.map(str::to_owned).to_vec()
}

/// Its lines.
pub(super) fn run(lane: &mut Lane) -> Result<(), String> {
    let folder = lane.work.join("circle-core/deployment/docker");
    lint(lane)?;
    stand_in(&lane.inputs.join("circle-core-files"), &folder)?;
    let words = flags(&lane.inputs);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let overlays = [
        ("development", "circle-core.development.yaml"),
        ("staging", "circle-core.staging.yaml"),
        ("production", "circle-core.production.yaml"),
    ];
    let built = lane.tree("003.2", &words, &overlays)?;
    let only: &[&str] = &["Deployment/docker/circle-core-api"];
    lane.overlays("003.2", &built, &[("development", only), ("staging", only), ("production", only)])?;
    let base = built.first().map(|(_, path)| path.clone()).ok_or("nothing was built")?;
    for (name, path) in &built {
        let hosts = "circle-core-api,redis,postgres,nginx,prometheus,grafana";
        let found = lane.check(&["names", hosts], &[path])?;
        lane.holds(&format!("003.2: names of {name}"), found.trim());
        let expected = match name.as_str() {
            "development" => "1\n",
            "production" => "3\n",
            _ => "2\n",
        };
        let found = lane.check(&["get", "Deployment/circle-core-api", "spec.replicas"], &[path])?;
        lane.equals(&format!("003.3: replicas of {name}"), &found, expected);
    }
    let place = "spec.template.spec.containers[0].args";
    let found = lane.check(&["get", "StatefulSet/redis", place], &[&base])?;
    let expected = r#"["redis-server", "--appendonly", "yes", "--requirepass", "$(REDIS_PASSWORD)"]"#;
    lane.json("003.4", &found, expected);
    lane.never("003.4", "out-003.2", &["canary-"])?;
    for (mounted, file) in [
        ("/etc/nginx/nginx.conf", "nginx/nginx.conf"),
        ("/etc/nginx/conf.d/circle-core.conf", "nginx/conf.d/circle-core.conf"),
    ] {
        lane.bytes("003.6", &base, ("StatefulSet/nginx", mounted), &folder.join(file))?;
    }
    api(lane, &base)?;
    postures(lane, &words)?;
    small(lane)?;
    let mut strict = words.to_vec();
    strict.extend(["--network-policy", "strict"]);
    let (_, report) = lane.manifests("003.6", 0, &strict)?;
    lane.edges("003.6: edges", &report, "edges/003.tsv")?;
    lane.ports("003.7", &base, "ports/003.txt")?;
    let mut again = vec!["convert"];
    again.extend(&words);
    again.extend(["--to", "kustomize", "-o", "out-003.2", "--check"]);
    let flags = overlays.map(|(name, file)| format!("--overlay={name}={}", lane.inputs.join(file).display()));
    again.extend(flags.iter().map(String::as_str));
    let output = lane.transship(&again)?;
    lane.went_well("003.9: nothing has drifted", &output);
    moved(lane, &folder, &words, &again)
}

/// The rest of line 9: a port that is published under another number.
fn moved(lane: &mut Lane, folder: &Path, words: &[&str], check: &[&str]) -> Result<(), String> {
    let compose = folder.join("docker-compose.prod.yml");
    let failed = |error: std::io::Error| format!("{}: {error}", compose.display());
    let text = std::fs::read_to_string(&compose).map_err(failed)?;
    let base = folder.join("docker-compose.before.yml");
    std::fs::write(&base, &text).map_err(failed)?;
    std::fs::write(&compose, text.replace("8000:8000", "8001:8000")).map_err(failed)?;
    let output = lane.transship(check)?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let drift = "out-003.2/base/circle-core-api/service-published.yaml is out of date";
    lane.equals("003.9: drift", said.trim(), drift);
    lane.equals("003.9: drift is told", &output.status.code().unwrap_or(-1).to_string(), "1");
    let base = base.display().to_string();
    let mut diff = vec!["diff"];
    diff.extend(words);
    diff.extend(["--base", &base]);
    let output = lane.transship(&diff)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let ports = said.lines().filter(|line| line.contains("spec.ports[") && !line.contains("].name "));
    let ports: Vec<&str> = ports.collect();
    let is_one = ports.len() == 1 && ports.iter().all(|line| line.contains("8000 → 8001"));
    lane.holds("003.9: one port", if is_one { String::new() } else { said });
    std::fs::write(&compose, text).map_err(failed)
}

/// Line 1.
fn lint(lane: &mut Lane) -> Result<(), String> {
    let bare = Findings::of(lane, "003.1", 1, &["circle-core/deployment/docker/docker-compose.prod.yml"])?;
    let errors = [
        ("missing-file", "services.circle-core-api.env_file[0]"),
        ("missing-file", "services.nginx.volumes[2]"),
        ("missing-file", "services.prometheus.volumes[0]"),
        ("unpullable-image", "services.circle-core-api."),
    ];
    bare.errors(lane, "003.1", &errors);
    let warnings = [
        ("static-address", "ipam.config[0].subnet"),
        ("unresolved-variable", "CIRCLE_ENCRYPTION_KEY"),
        ("unresolved-variable", "REDIS_PASSWORD"),
        ("unresolved-variable", "POSTGRES_PASSWORD"),
        ("unresolved-variable", "GRAFANA_PASSWORD"),
        ("data-directory-bind", "services.postgres.volumes[1]"),
        ("data-directory-bind", "services.grafana.volumes[0]"),
        ("floating-tag", "services.circle-core-api."),
        ("floating-tag", "services.prometheus."),
        ("floating-tag", "services.grafana."),
        ("restart-mismatch", "services.circle-core-api."),
        ("rollout-policy", "services.circle-core-api."),
        ("missing-healthcheck", "`nginx`"),
        ("missing-healthcheck", "`prometheus`"),
        ("missing-healthcheck", "`grafana`"),
        ("unspecified-user", "circle-core-api"),
    ];
    bare.has(lane, "003.1", "warning", &warnings);
    for (rule, number) in [
        ("static-address", 3),
        ("shared-writable-volume", 2),
        ("startup-order", 4),
        ("invented-volume-size", 7),
        ("unspecified-user", 1),
    ] {
        bare.count(lane, "003.1", rule, number);
    }
    bare.has(lane, "003.1", "note", &[("obsolete-key", "version"), ("approximated-key", "logging")]);
    Ok(())
}

/// Line 3, as the base has it.
fn api(lane: &mut Lane, base: &Path) -> Result<(), String> {
    let object = "Deployment/circle-core-api";
    let container = "spec.template.spec.containers[0]";
    for (place, expected) in [
        ("spec.strategy.rollingUpdate.maxSurge", "1"),
        ("spec.strategy.rollingUpdate.maxUnavailable", "0"),
        ("spec.minReadySeconds", "10"),
        ("container.resources.limits", r#"{"cpu": "1", "memory": "1Gi"}"#),
        ("container.resources.requests", r#"{"cpu": "500m", "memory": "512Mi"}"#),
        ("container.readinessProbe.httpGet.path", "\"/health\""),
        ("container.readinessProbe.httpGet.port", "8000"),
        ("container.readinessProbe.periodSeconds", "30"),
        ("container.readinessProbe.timeoutSeconds", "10"),
        ("container.readinessProbe.failureThreshold", "3"),
    ] {
        let place = place.replace("container.", &format!("{container}."));
        lane.value(&format!("003.3: {place}"), base, (object, &place), expected)?;
    }
    let affinity = "spec.template.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey";
    lane.value("003.3: one node", base, (object, affinity), "\"kubernetes.io/hostname\"")
}

/// The end of line 3, and line 5: who is left out, and by which rule.
fn postures(lane: &mut Lane, words: &[&str]) -> Result<(), String> {
    let mut production = words.to_vec();
    production.extend([
        "--posture",
        "production",
        "--user-map",
        "circle-core-api=1000:1000",
        "--user-map",
        "nginx=101:101",
    ]);
    let others = [
        "writable-config-mount",
        "credential-in-url",
        "writable-root-fs",
        "missing-digest",
        "floating-tag",
        "missing-healthcheck",
    ];
    production.extend(others.iter().flat_map(|rule| ["--allow", rule]));
    let (build, report) = lane.manifests("003.3", 1, &production)?;
    let shared = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|finding| finding["rule"] == "shared-writable-volume" && finding["level"] == "error");
    lane.holds("003.3: production says why", if shared { "" } else { "no error for the shared volume" });
    let there = lane.whole_name(&build, "Deployment/circle-core-api").is_ok();
    lane.holds("003.3: production leaves it out", if there { "it is there" } else { "" });

    let mut restricted = words.to_vec();
    restricted.extend([
        "--posture",
        "restricted",
        "--allow",
        "writable-config-mount",
        "--allow",
        "credential-in-url",
    ]);
    let (build, report) = lane.manifests("003.5", 1, &restricted)?;
    let said = report["findings"].to_string();
    for (object, service) in
        [("Deployment/circle-core-api", "circle-core-api"), ("StatefulSet/nginx", "nginx")]
    {
        let there = lane.whole_name(&build, object).is_ok();
        lane.holds(&format!("003.5: {service} is left out"), if there { "it is there" } else { "" });
        let named =
            said.contains("unspecified-user") && said.contains(&format!("--user-map {service}=UID:GID"));
        lane.holds(&format!("003.5: {service} is told why"), if named { "" } else { "no finding says so" });
    }
    restricted.extend(["--user-map", "circle-core-api=1000:1000", "--user-map", "nginx=101:101"]);
    let (build, _) = lane.manifests("003.5", 0, &restricted)?;
    for (object, user) in [("Deployment/circle-core-api", "1000"), ("StatefulSet/nginx", "101")] {
        let place = "spec.template.spec.containers[0].securityContext.runAsUser";
        lane.value(&format!("003.5: {object}"), &build, (object, place), user)?;
    }
    Ok(())
}

/// Line 8.
fn small(lane: &mut Lane) -> Result<(), String> {
    let file = ["-f", "circle-core/deployment/docker/docker-compose.yml"];
    let (build, _) = lane.manifests("003.8", 1, &file)?;
    let written = std::fs::read_to_string(&build).map_err(|error| error.to_string())?;
    lane.holds("003.8: nothing without an image", written);
    let mut named = file.to_vec();
    named.extend(["--image-map", "docker-circle-core=ghcr.io/example/circle-core:0.2.0"]);
    let (build, _) = lane.manifests("003.8", 0, &named)?;
    let ports = lane.check(&["ports"], &[&build])?;
    lane.equals("003.8: Services", &ports.lines().count().to_string(), "2");
    lane.value("003.8: one pod", &build, ("StatefulSet/circle-core", "spec.replicas"), "1")
}
