//! The containers in which a pod waits before it starts.

use std::collections::BTreeSet;

use super::draft::{Gate, Pod, Way};
use super::pass::Pass;
use crate::k8s::kind::Kind;
use crate::k8s::{dollar, name};
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;

/// The image of a gate that waits for a port or a name.
pub const IMAGE: &str = "busybox:1.37.0";

/// The image of a gate that asks the API: curl sees to it that the server is the right one.
pub const API_IMAGE: &str = "curlimages/curl:8.11.1";

const TOKEN: &str = "wait-token";
const FOLDER: &str = "/var/run/secrets/transship.dev/wait";

const GATE_IMAGE: Why = Why::Policy("gates wait in a small image of a fixed version");
const RIGHTS: Why = Why::Policy("a gate needs no rights");
const SMALL: Why = Why::Policy("a gate needs little");
const ASKS: Why = Why::Policy("only the gate can ask the API for the end of a Job");

/// The container that waits for a port or a name.
#[must_use]
pub fn service(pass: &Pass<'_>, gate: &Gate) -> Option<Fields> {
    let host = pass.survey.gate_host(&gate.on);
    let script = match gate.way {
        Way::Port(port) => format!("until nc -z -w 2 {host} {port}; do sleep 1; done"),
        Way::Name => format!("until nslookup {host} 2>/dev/null | grep -q '^Name:'; do sleep 1; done"),
        Way::Beside | Way::Before | Way::Job => return None,
    };
    let object = pass.survey.object_name(&gate.on);
    let title = name::object(&format!("wait-for-{object}"), name::LABEL_LENGTH)?;
    Some(container(pass, &title, IMAGE, &script, &gate.why))
}

/// The container that waits for the end of a Job.
#[must_use]
pub fn job(pass: &Pass<'_>, gate: &Gate, job: &str) -> Option<Fields> {
    let object = pass.survey.object_name(&gate.on);
    let title = name::with_ending(&format!("wait-for-{object}"), "end", name::LABEL_LENGTH);
    let address = format!(
        "https://kubernetes.default.svc/apis/batch/v1/namespaces/{}/jobs/{job}",
        pass.home_of(&gate.on)
    );
    let script = format!(
        "until curl -sS --fail --max-time 10 --cacert {FOLDER}/ca.crt -H \"Authorization: Bearer $(cat {FOLDER}/token)\" \
         {address} | tr -d ' \\n' | grep -q '\"type\":\"Complete\",\"status\":\"True\"'; do sleep 2; done"
    );
    let mut container = container(pass, &title, API_IMAGE, &script, &gate.why);
    let mount = container.list("volumeMounts").push_map();
    mount.put("name", TOKEN, &ASKS);
    mount.put("mountPath", FOLDER, &ASKS);
    mount.put("readOnly", true, &ASKS);
    Some(container)
}

/// The volume with what a gate needs to ask the API.
pub fn token(pod: &mut Pod) {
    let volumes = pod.spec.list("volumes");
    if volumes.find("name", TOKEN).is_some() {
        return;
    }
    let volume = volumes.push_map();
    volume.put("name", TOKEN, &ASKS);
    let sources = volume.map("projected").list("sources");
    let token = sources.push_map().map("serviceAccountToken");
    token.put("path", "token", &ASKS);
    token.put("expirationSeconds", 3600, &ASKS);
    let authority = sources.push_map().map("configMap");
    authority.put("name", "kube-root-ca.crt", &ASKS);
    // The cluster makes it in each namespace, some time after the namespace; the gate asks until it is there.
    authority.put("optional", true, &ASKS);
    let item = authority.list("items").push_map();
    item.put("key", "ca.crt", &ASKS);
    item.put("path", "ca.crt", &ASKS);
}

fn container(pass: &Pass<'_>, title: &str, image: &str, script: &str, why: &Why) -> Fields {
    let mut container = Fields::default();
    container.put("name", title, why);
    match &pass.options().wait_image {
        Some(image) => container.put("image", image, &Why::Flag("--wait-image")),
        None => container.put("image", image, &GATE_IMAGE),
    }
    container.put("imagePullPolicy", "IfNotPresent", &GATE_IMAGE);
    let command = container.list("command");
    for word in ["sh", "-c"] {
        command.push_value(word, why);
    }
    command.push_value(dollar::literal(script), why);
    let resources = container.map("resources");
    for (kind, processors, memory) in [("requests", "10m", "16Mi"), ("limits", "100m", "64Mi")] {
        resources.map(kind).put("cpu", processors, &SMALL);
        resources.map(kind).put("memory", memory, &SMALL);
    }
    let rights = container.map("securityContext");
    rights.put("allowPrivilegeEscalation", false, &RIGHTS);
    rights.map("capabilities").list("drop").push_value("ALL", &RIGHTS);
    rights.put("readOnlyRootFilesystem", true, &RIGHTS);
    rights.put("runAsNonRoot", true, &RIGHTS);
    rights.put("runAsUser", 65534, &RIGHTS);
    rights.put("runAsGroup", 65534, &RIGHTS);
    rights.map("seccompProfile").put("type", "RuntimeDefault", &RIGHTS);
    container
}

/// A Job whose end a pod asks the API for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Its name.
    pub job: Text,
    /// Its namespace.
    pub namespace: Text,
    /// Why it is asked for.
    pub why: Why,
}

/// What a pod may ask the API: whether these Jobs are complete, and nothing else.
pub fn rights(pass: &mut Pass<'_>, pod: &Text, account: &Text, owner: &Text, asks: &[Ask]) {
    let title: Text = name::with_ending(pod, "waits", name::LABEL_LENGTH).into();
    let home = pass.home_of(owner);
    let namespaces: BTreeSet<&Text> = asks.iter().map(|ask| &ask.namespace).collect();
    for namespace in namespaces {
        let role = pass.object_in(namespace, Kind::Role, title.clone(), owner);
        let rule = role.list("rules").push_map();
        rule.list("apiGroups").push_value("batch", &ASKS);
        rule.list("resources").push_value("jobs", &ASKS);
        for Ask { job, why, .. } in asks.iter().filter(|ask| ask.namespace == *namespace) {
            rule.list("resourceNames").push_value(job, why);
        }
        rule.list("verbs").push_value("get", &ASKS);
        let binding = pass.object_in(namespace, Kind::RoleBinding, title.clone(), owner);
        let reference = binding.map("roleRef");
        reference.put("apiGroup", "rbac.authorization.k8s.io", &ASKS);
        reference.put("kind", "Role", &ASKS);
        reference.put("name", &title, &ASKS);
        let subject = binding.list("subjects").push_map();
        subject.put("kind", "ServiceAccount", &ASKS);
        subject.put("name", account, &ASKS);
        subject.put("namespace", &home, &ASKS);
    }
}
