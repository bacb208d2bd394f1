//! A real API server on loopback, alone or with controllers and simulated nodes, for as long as the value lives.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::toolchain;

/// The running server. The program behind it ends both servers when its standard input closes, so also when we die.
pub(crate) struct ControlPlane {
    keeper: Child,
    server: String,
    certificate: String,
    token: String,
    kubeconfig: String,
}

impl ControlPlane {
    /// The server alone: it judges objects, and nothing becomes of them.
    pub(crate) fn start() -> Result<Self, String> {
        Self::with(Vec::new())
    }

    /// The server with controllers, a scheduler and what plays nodes: pods start, are ready and end as if they ran.
    pub(crate) fn with_nodes() -> Result<Self, String> {
        let mut crew: Vec<OsString> = Vec::new();
        for program in ["kube-controller-manager", "kube-scheduler"] {
            crew.extend([format!("--{program}").into(), toolchain::kubernetes(program)?.into()]);
        }
        crew.extend(["--kwok".into(), toolchain::kwok()?.into()]);
        for stage in toolchain::stages()? {
            crew.extend(["--stage".into(), stage.into()]);
        }
        Self::with(crew)
    }

    /// Builds what is missing, starts it, and returns when the server is ready.
    fn with(crew: Vec<OsString>) -> Result<Self, String> {
        let (etcd, apiserver) = (toolchain::etcd()?, toolchain::kubernetes("kube-apiserver")?);
        let mut keeper = Command::new(toolchain::ours("control-plane")?)
            .arg("--etcd")
            .arg(etcd)
            .arg("--kube-apiserver")
            .arg(apiserver)
            .args(crew)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the control plane cannot be started: {error}"))?;
        let mut line = String::new();
        let output = keeper.stdout.take().expect("standard output is a pipe");
        let read = BufReader::new(output).read_line(&mut line);
        let place: Value = match read {
            Ok(length) if length > 0 => serde_json::from_str(&line)
                .map_err(|error| format!("the control plane says {line:?}: {error}"))?,
            _ => {
                let status = keeper.wait().map_err(|error| error.to_string())?;
                return Err(format!("the control plane did not start: {status}"));
            }
        };
        let text = |key: &str| place[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            server: text("server"),
            certificate: text("ca"),
            token: text("token"),
            kubeconfig: text("kubeconfig"),
            keeper,
        })
    }

    /// The program that asks this server about objects.
    pub(crate) fn apply(&self) -> Result<Command, String> {
        let mut command = Command::new(toolchain::ours("apply")?);
        command.args(["--server", &self.server, "--ca", &self.certificate, "--token", &self.token]);
        Ok(command)
    }

    /// Where the server listens.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// The certificate that clients trust.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// `kubectl`, as an administrator of this server.
    pub(crate) fn kubectl(&self) -> Result<Command, String> {
        let mut command = Command::new(toolchain::kubernetes("kubectl")?);
        command.args(["--kubeconfig", &self.kubeconfig]);
        Ok(command)
    }

    /// The file by which clients find this server, as its administrator.
    pub(crate) fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// Reads a path of the server, as an administrator sees it.
    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let output = self
            .kubectl()?
            .args(["get", "--raw", path])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("`kubectl` cannot be started: {error}"))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(format!("`kubectl get --raw {path}` failed"))
        }
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing can be done about a keeper that is gone already.
        let _ = self.keeper.wait();
    }
}
