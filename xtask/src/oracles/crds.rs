//! Objects of further kinds, asked about on a server that has their definitions: External Secrets, the Vault Secrets
//! Operator, the Gateway API, cert-manager, the Prometheus operator, Velero.

use std::path::Path;

use super::apiserver::{Object, Verdict, check, definitions, install, read};
use super::cases;
use super::control_plane::ControlPlane;
use super::projects::{self, Way};
use crate::place;

/// The kinds that only a server with definitions knows.
const KINDS: [&str; 9] = [
    "SecretStore",
    "ExternalSecret",
    "VaultConnection",
    "VaultAuth",
    "VaultStaticSecret",
    "HTTPRoute",
    "Certificate",
    "ServiceMonitor",
    "Schedule",
];

/// The lane: the samples beside the definitions show that the server tells good from bad; then every object of these kinds
/// that a case of the conversion writes must be taken without a word, and every kind must be among them.
pub(crate) fn run() -> Result<(), String> {
    let Some(definitions) = definitions()? else {
        println!("did not run: objects of further kinds (../shared/crds is missing)");
        return Ok(());
    };
    let server = ControlPlane::start()?;
    install(&server, &definitions)?;
    if let Some(samples) = place::shared().map(|shared| shared.join("crds/samples")).filter(|it| it.is_dir())
    {
        sampled(&server, &samples)?;
    }
    let projects = projects::cases()?;
    let texts = projects::each(&projects, Way::AsGiven, |_, converted| converted.manifests)?;
    let objects = projects.iter().zip(texts).map(|(project, text)| question(project.id.clone(), text));
    let verdicts = check(&server, objects.collect::<Vec<_>>().into_iter())?;
    let ours: Vec<&Verdict> = verdicts.iter().filter(|verdict| KINDS.contains(&kind(verdict))).collect();
    let mut bad = 0;
    for verdict in &ours {
        let complaints = verdict.complaints();
        bad += usize::from(!complaints.is_empty());
        for complaint in complaints {
            println!("{} {}: {complaint}", verdict.id, verdict.address);
        }
    }
    println!("crds: {} objects of {} kinds, {bad} refused", ours.len(), KINDS.len());
    let missing: Vec<&str> =
        KINDS.into_iter().filter(|word| !ours.iter().any(|verdict| kind(verdict) == *word)).collect();
    match (bad, missing.as_slice()) {
        (0, []) => Ok(()),
        (0, missing) => Err(format!("crds: no case writes {}", missing.join(", "))),
        _ => Err(format!("crds: {bad} objects are not taken as they are")),
    }
}

/// The kind of an object, of its address `Kind/name`.
fn kind(verdict: &Verdict) -> &str {
    verdict.address.split('/').next().unwrap_or_default()
}

fn question(id: String, text: String) -> Object {
    Object { id, namespace: "cases".to_owned(), warn: None, enforce: false, text }
}

/// The samples: good ones are taken, each bad one is refused.
fn sampled(server: &ControlPlane, samples: &Path) -> Result<(), String> {
    for (folder, good) in [("valid", true), ("invalid", false), ("server-only", false)] {
        let files = cases::manifests(&samples.join(folder))?;
        let texts = files.iter().map(|file| Ok(question(file.display().to_string(), read(file)?)));
        let objects = texts.collect::<Result<Vec<_>, String>>()?;
        let verdicts = check(server, objects.into_iter())?;
        let odd = verdicts.iter().find(|verdict| verdict.refused.is_none() != good);
        if let Some(odd) = odd {
            let words = odd.refused.as_deref().unwrap_or("it is taken");
            return Err(format!("crds: the server judges {} {} otherwise: {words}", odd.id, odd.address));
        }
        println!("crds: {} samples are {folder}", verdicts.len());
    }
    Ok(())
}
