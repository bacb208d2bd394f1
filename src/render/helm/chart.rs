//! What a chart has beside its templates and its values.

use std::collections::BTreeMap;

use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::Plan;
use crate::plan::field::Field;
use crate::plan::knob::Fill;
use crate::plan::object::Object;
use crate::render::emit;

/// What `helm package` leaves out.
pub const IGNORE: &str = "# What is no part of the chart.\n.DS_Store\n.git/\n.gitignore\n*.bak\n*.orig\n*.swp\n*.tmp\n*~\n.idea/\n.vscode/\n.transship.lock\nsecrets.yaml.example\n";

/// The name of the chart.
#[must_use]
pub fn name(plan: &Plan) -> String {
    name::object(&plan.project, name::LABEL_LENGTH).unwrap_or_else(|| "project".to_owned())
}

/// `Chart.yaml`.
#[must_use]
pub fn chart(name: &str, plan: &Plan) -> String {
    let description = format!("{} on Kubernetes", plan.project);
    format!(
        "apiVersion: v2\nname: {}\ndescription: {}\ntype: application\nversion: 0.1.0\n",
        emit::word(name),
        emit::word(&description)
    )
}

/// `_helpers.tpl`.
#[must_use]
pub fn helpers(name: &str, plan: &Plan) -> String {
    let mut text = format!(
        r#"{{{{/* The labels that all objects bear beside the name of their service. */}}}}
{{{{- define "{name}.labels" -}}}}
app.kubernetes.io/part-of: {part_of}
app.kubernetes.io/instance: {{{{ .Release.Name }}}}
app.kubernetes.io/managed-by: {{{{ .Release.Service }}}}
helm.sh/chart: {{{{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-._" }}}}
{{{{- end -}}}}
"#,
        part_of = emit::word(&plan.namespace)
    );
    if plan.slots.iter().any(|slot| matches!(slot.fill, Fill::Image(_))) {
        text.push_str(&format!(
            r#"
{{{{/* The name of an image: its parts, and where one is empty, what the variables say. */}}}}
{{{{- define "{name}.image" -}}}}
{{{{- $or := .or | default dict -}}}}
{{{{- $tag := .image.tag | default $or.tag -}}}}
{{{{- $digest := .image.digest | default $or.digest -}}}}
{{{{- with coalesce .global.imageRegistry .image.registry $or.registry }}}}{{{{ . }}}}/{{{{ end -}}}}
{{{{- .image.repository | default $or.repository -}}}}
{{{{- with $tag }}}}:{{{{ . }}}}{{{{ end -}}}}
{{{{- with $digest }}}}@{{{{ . }}}}{{{{ end -}}}}
{{{{- end -}}}}
"#
        ));
    }
    text
}

/// The Services that are reached from outside, and the TCP ports of each.
#[must_use]
pub fn published(plan: &Plan) -> Vec<(&Object, Vec<i64>)> {
    let is_published =
        |object: &&Object| object.id.kind == Kind::Service && object.id.name.ends_with("-published");
    let ports = |object: &Object| -> Vec<i64> {
        let list = object.body.at(&["spec", "ports"]).and_then(Field::as_list);
        list.into_iter()
            .flat_map(|list| list.iter())
            .filter_map(Field::as_map)
            .filter(|port| port.get("protocol").and_then(Field::as_text) != Some("UDP"))
            .filter_map(|port| port.get("port")?.as_int())
            .collect()
    };
    let services = plan.objects.iter().filter(is_published);
    services.map(|object| (object, ports(object))).filter(|(_, ports)| !ports.is_empty()).collect()
}

/// A namespace as text of a template: that of the project is that of the release.
fn space<'n>(plan: &Plan, namespace: &'n str) -> &'n str {
    if namespace == plan.namespace { "{{ .Release.Namespace }}" } else { namespace }
}

/// `NOTES.txt`: what is to be done next.
#[must_use]
pub fn notes(name: &str, plan: &Plan) -> String {
    let mut text = format!(
        "{name} is installed as {{{{ .Release.Name }}}} in the namespace {{{{ .Release.Namespace }}}}.\nIts services have fixed names, as in Compose: one release in a namespace.\n"
    );
    let mut secrets: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for key in &plan.secrets {
        let keys = secrets.entry((key.namespace.as_str(), key.secret.as_str())).or_default();
        if !keys.contains(&key.key.as_str()) {
            keys.push(&key.key);
        }
    }
    if !secrets.is_empty() {
        text.push_str("\nPods wait until these Secrets are there:\n");
        for ((namespace, secret), keys) in secrets {
            let literals: Vec<String> = keys.iter().map(|key| format!("'--from-literal={key}=…'")).collect();
            text.push_str(&format!(
                "  kubectl -n {} create secret generic {secret} {}\n",
                space(plan, namespace),
                literals.join(" ")
            ));
        }
    }
    let published = published(plan);
    if !published.is_empty() {
        text.push_str("\nFrom this machine:\n");
        for (service, ports) in published {
            let ports: Vec<String> = ports.iter().map(i64::to_string).collect();
            text.push_str(&format!(
                "  kubectl -n {} port-forward service/{} {}\n",
                space(plan, &service.id.namespace),
                service.id.name,
                ports.join(" ")
            ));
        }
    }
    text
}
