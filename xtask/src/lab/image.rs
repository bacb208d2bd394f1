//! Images made on the spot: the probe and a static busybox under whatever names a project uses, in one archive that both
//! engines load.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::case::{Case, words};
use super::outside::OUTSIDE;
use super::prepare::Tools;
use super::private::STATE;
use super::release::{Release, Role};
use super::tool::{must, write};

/// The image of a pod's sandbox.
const PAUSE: &str = "localhost/pause:1";
/// The images that the conversion waits with: the second one has a real curl, which talks to a real API server.
const WAIT: &str = "busybox:1.37.0";
const WAIT_FOR_JOBS: &str = "curlimages/curl:8.11.1";
/// Programs that the probe stands in for.
const PLAYED: [&str; 15] = [
    "app",
    "serve",
    "nc",
    "curl",
    "wget",
    "pg_isready",
    "redis-cli",
    "mysqladmin",
    "docker-entrypoint.sh",
    "postgres",
    "redis-server",
    "nginx",
    "node",
    "python",
    "java",
];
/// Programs that are busybox.
const BUSYBOX: [&str; 15] = [
    "sleep", "cat", "ls", "true", "false", "test", "echo", "env", "id", "touch", "chmod", "chown", "printf",
    "grep", "tr",
];

/// What is made of all cases: the plan and the look of each image.
#[derive(Default)]
struct Look {
    plan: Map<String, Value>,
    config: Map<String, Value>,
    files: BTreeMap<String, Value>,
    /// Programs that the probe plays in this image only.
    programs: BTreeSet<String>,
}

impl Look {
    /// One image of two cases looks at what both ask for; it cannot be two images.
    fn join(&mut self, other: Self) -> Result<(), String> {
        if self.config != other.config || self.files != other.files {
            return Err("another case has made another image of that name".to_owned());
        }
        self.programs.extend(other.programs);
        for (key, value) in other.plan {
            let mut items: BTreeSet<String> = words(&value).into_iter().collect();
            items.extend(self.plan.get(&key).map(words).unwrap_or_default());
            if value.is_array() {
                self.plan.insert(key, json!(items));
            }
        }
        Ok(())
    }
}

/// Makes all images that the cases name, and loads them into both engines.
pub(super) fn load(cases: &[Case], releases: &[Release], tools: &Tools) -> Result<(), String> {
    let mut images: BTreeMap<String, Look> = BTreeMap::new();
    let of_cases = cases
        .iter()
        .flat_map(|case| case.images().into_iter().map(|name| (case.name.as_str(), look(case, &name), name)));
    let of_releases = releases.iter().flat_map(|release| {
        release.roles.iter().map(|(name, role)| (release.name.as_str(), stand_in(role), name.clone()))
    });
    for (owner, look, name) in of_cases.chain(of_releases) {
        match images.get_mut(&name) {
            None => {
                images.insert(name, look);
            }
            Some(known) => known.join(look).map_err(|reason| format!("{owner}: `{name}`: {reason}"))?,
        }
    }
    let mut pause = Look::default();
    pause.config.insert("Entrypoint".to_owned(), json!(["/probe", "@hold"]));
    images.insert(PAUSE.to_owned(), pause);
    images.insert(WAIT.to_owned(), Look::default());
    images.insert(WAIT_FOR_JOBS.to_owned(), Look::default());

    let folder = Path::new(STATE).join("images");
    let base = base(&folder, &tools.probe)?;
    let mut manifest = Vec::new();
    for (number, (name, look)) in images.iter().enumerate() {
        let own =
            if name == WAIT_FOR_JOBS { curl(&folder)? } else { own(&folder, number, look, &tools.probe)? };
        manifest.push(describe(&folder, name, look, &[&base, &own])?);
    }
    write(&folder.join("archive/manifest.json"), Value::from(manifest).to_string())?;
    let archive = folder.join("images.tar").display().to_string();
    must("tar", &["-C", &folder.join("archive").display().to_string(), "-cf", &archive, "."])?;
    must("docker", &["load", "--quiet", "--input", &archive])?;
    must("ctr", &["-n", "k8s.io", "images", "import", &archive])?;
    Ok(())
}

/// What one image of a case looks like and has to look at.
fn look(case: &Case, image: &str) -> Look {
    let own = &case.settings["images"][image];
    let mut plan: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |key: &'static str, items: &mut dyn Iterator<Item = String>| {
        plan.entry(key).or_default().extend(items);
    };
    for (name, service) in case.services() {
        let ports = Case::ports(service);
        if service["image"] == image {
            add("listen", &mut ports.iter().cloned());
        }
        add("paths", &mut Case::mounts(service).into_iter());
        for called in Case::names(name, service) {
            add("names", &mut std::iter::once(called.clone()));
            add("targets", &mut ports.iter().map(|port| format!("{called}:{port}")));
        }
        add(
            "sysctls",
            &mut service["sysctls"].as_object().into_iter().flatten().map(|(name, _)| name.clone()),
        );
    }
    for key in ["paths", "names", "targets", "sysctls"] {
        add(key, &mut case.words(key).into_iter());
    }
    add("listen", &mut words(&own["listen"]).into_iter());
    let mut plan: Map<String, Value> =
        plan.into_iter().map(|(key, items)| (key.to_owned(), json!(items))).collect();
    plan.insert("outside".to_owned(), json!(OUTSIDE));
    plan.insert("stubborn".to_owned(), json!(own["stubborn"] == true));
    plan.insert("ends".to_owned(), json!(words(&own["ends"])));
    let files = own["files"].as_object().into_iter().flatten();
    Look {
        plan,
        config: own["config"].as_object().cloned().unwrap_or_default(),
        files: files.map(|(path, about)| (path.clone(), about.clone())).collect(),
        programs: absent(words(&own["programs"]).iter()),
    }
}

/// What an image of a release has to play.
fn stand_in(role: &Role) -> Look {
    let plan = [("listen", json!(role.ports)), ("ends", json!(role.ends))];
    Look {
        plan: plan.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        programs: absent(role.programs.iter()),
        ..Look::default()
    }
}

/// Those programs that no image has by itself.
fn absent<'a>(programs: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let is_there = |program: &str| {
        ["sh", "/bin/sh"].contains(&program) || PLAYED.contains(&program) || BUSYBOX.contains(&program)
    };
    programs.filter(|program| !is_there(program)).cloned().collect()
}

/// The layer that all images share.
fn base(folder: &Path, probe: &Path) -> Result<String, String> {
    let root = folder.join("base");
    let failed = |error: std::io::Error| format!("{}: {error}", root.display());
    for (name, mode) in
        [("bin", 0o755), ("etc", 0o755), ("usr/local/bin", 0o755), ("root", 0o700), ("tmp", 0o1777)]
    {
        std::fs::create_dir_all(root.join(name)).map_err(failed)?;
        std::fs::set_permissions(root.join(name), std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    std::fs::copy(probe, root.join("probe")).map_err(failed)?;
    let busybox = must("sh", &["-c", "command -v busybox"])?;
    std::fs::copy(busybox.trim(), root.join("bin/busybox")).map_err(failed)?;
    // The shell of busybox runs its own tools, wherever others lie: a shell of this machine does what it is told.
    dynamic(&root, "sh", "bin/sh")?;
    for name in PLAYED {
        std::fs::hard_link(root.join("probe"), root.join("usr/local/bin").join(name)).map_err(failed)?;
    }
    for name in BUSYBOX {
        std::fs::hard_link(root.join("bin/busybox"), root.join("bin").join(name)).map_err(failed)?;
    }
    write(&root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n")?;
    write(&root.join("etc/group"), "root:x:0:\napp:x:1000:\n")?;
    layer(folder, &root, "base")
}

/// The layer of one image: its plan, and the files that its case gives it.
fn own(folder: &Path, number: usize, look: &Look, probe: &Path) -> Result<String, String> {
    let root = folder.join(format!("own-{number}"));
    write(&root.join(".probe.json"), Value::Object(look.plan.clone()).to_string())?;
    for (path, about) in &look.files {
        let target = root.join(path.trim_start_matches('/'));
        let failed = |error: std::io::Error| format!("{path}: {error}");
        match about["text"].as_str() {
            Some(text) => write(&target, text)?,
            None => std::fs::create_dir_all(&target).map_err(failed)?,
        }
        let mode = about["mode"].as_str().and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or(0o755);
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
        let id = |key: &str| about[key].as_u64().and_then(|id| u32::try_from(id).ok());
        chown(&target, id("uid"), id("gid")).map_err(failed)?;
    }
    for program in &look.programs {
        let place =
            if program.starts_with('/') { program.clone() } else { format!("/usr/local/bin/{program}") };
        let target = root.join(place.trim_start_matches('/'));
        write(&target, "")?;
        std::fs::copy(probe, &target).map_err(|error| format!("{place}: {error}"))?;
    }
    layer(folder, &root, &format!("own-{number}"))
}

/// A layer with this machine's curl and the libraries that it loads.
fn curl(folder: &Path) -> Result<String, String> {
    let root = folder.join("curl");
    // The stand-in of that name lies there.
    dynamic(&root, "curl", "usr/local/bin/curl")?;
    layer(folder, &root, "curl")
}

/// Copies a program of this machine, and the libraries that it loads to where it looks for them.
fn dynamic(root: &Path, name: &str, place: &str) -> Result<(), String> {
    let program = must("sh", &["-c", &format!("command -v {name}")])?;
    let libraries = must("ldd", &[program.trim()])?;
    let paths = libraries.split_whitespace().filter(|word| word.starts_with('/'));
    let copies = std::iter::once((program.trim(), place))
        .chain(paths.map(|path| (path, path.trim_start_matches('/'))));
    for (path, place) in copies {
        let target = root.join(place);
        let failed = |error: std::io::Error| format!("{path}: {error}");
        std::fs::create_dir_all(target.parent().unwrap_or(root)).map_err(failed)?;
        std::fs::copy(path, target).map_err(failed)?;
    }
    Ok(())
}

/// Packs a folder as a layer of the archive; what it is called by is the digest of its bytes.
fn layer(folder: &Path, root: &Path, name: &str) -> Result<String, String> {
    let file = folder.join("archive").join(name).join("layer.tar");
    write(&file, "")?;
    let (root, path) = (root.display().to_string(), file.display().to_string());
    must("tar", &["-C", &root, "--sort=name", "--mtime=@0", "-cf", &path, "."])?;
    let bytes = std::fs::read(&file).map_err(|error| format!("{path}: {error}"))?;
    let digest = hex(&bytes);
    let place: PathBuf = folder.join("archive").join(&digest);
    let made = folder.join("archive").join(name);
    // Two images may look at the same things.
    let moved = if place.exists() { std::fs::remove_dir_all(made) } else { std::fs::rename(made, place) };
    moved.map_err(|error| format!("{path}: {error}"))?;
    Ok(digest)
}

/// The image's own document, and its line of the archive's table.
fn describe(folder: &Path, name: &str, look: &Look, layers: &[&String]) -> Result<Value, String> {
    let mut config = Map::from_iter([
        ("Entrypoint".to_owned(), json!(["/probe"])),
        ("Env".to_owned(), json!(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])),
    ]);
    config.extend(look.config.clone());
    let ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{layer}")).collect();
    let document = json!({
        "architecture": "amd64", "os": "linux", "created": "2020-01-01T00:00:00Z",
        "config": config, "rootfs": { "type": "layers", "diff_ids": ids },
        "history": layers.iter().map(|_| json!({ "created": "2020-01-01T00:00:00Z" })).collect::<Vec<_>>(),
    })
    .to_string();
    let file = format!("{}.json", hex(document.as_bytes()));
    write(&folder.join("archive").join(&file), document)?;
    let files: Vec<String> = layers.iter().map(|layer| format!("{layer}/layer.tar")).collect();
    Ok(json!({ "Config": file, "RepoTags": [name], "Layers": files }))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
