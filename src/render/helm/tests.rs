//! The test of a chart: whether what is published answers.

use std::collections::BTreeMap;

use super::chart;
use crate::plan::Plan;

/// The image in which the test runs.
const IMAGE: &str = "busybox:1.37.0";

/// The files of the test; none when nothing is published.
#[must_use]
pub fn tests(name: &str, plan: &Plan) -> BTreeMap<String, String> {
    let mut script = String::from("set -e\n");
    for (service, ports) in chart::published(plan) {
        let id = &service.id;
        let elsewhere = id.namespace != plan.namespace;
        let host = if elsewhere { format!("{}.{}", id.name, id.namespace) } else { id.name.to_string() };
        for port in ports {
            script.push_str(&format!("nc -z -w 5 {host} {port}\n"));
        }
    }
    if !script.contains("nc ") {
        return BTreeMap::new();
    }
    let script: String = script.lines().map(|line| format!("      {line}\n")).collect();
    let text = format!(
        r#"apiVersion: v1
kind: Pod
metadata:
  name: {{{{ printf "%s-test" .Release.Name | trunc 63 }}}}
  namespace: {{{{ .Release.Namespace }}}}
  labels:
    {{{{- include "{name}.labels" . | nindent 4 }}}}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{{{- with .Values.global.imagePullSecrets }}}}
  imagePullSecrets:
  {{{{- toYaml . | nindent 2 }}}}
  {{{{- end }}}}
  containers:
  - name: connection
    image: {image}
    command:
    - sh
    - -c
    - |
{script}    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop:
        - ALL
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      runAsUser: 65534
      runAsGroup: 65534
      seccompProfile:
        type: RuntimeDefault
"#,
        image = image(name, plan)
    );
    BTreeMap::from([("templates/tests/connection.yaml".to_owned(), text)])
}

/// The image of the test: that of the containers that wait, where there are any.
fn image(name: &str, plan: &Plan) -> String {
    let waits = plan.knobs.iter().any(|knob| knob.path.first().is_some_and(|first| first == "waitImage"));
    if waits {
        format!(
            "{{{{ include \"{name}.image\" (dict \"global\" .Values.global \"image\" .Values.waitImage) | quote }}}}"
        )
    } else {
        format!("\"{{{{ with .Values.global.imageRegistry }}}}{{{{ . }}}}/{{{{ end }}}}{IMAGE}\"")
    }
}
