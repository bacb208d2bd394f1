//! Trees with overlays: what Kustomize builds of an overlay equals what its files convert to together with the base.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::objects::Objects;
use super::said;
use crate::oracles::apiserver::{self, Object};
use crate::oracles::control_plane::ControlPlane;
use crate::oracles::convert::unexpected;
use crate::oracles::projects::{self, Project, Way};
use crate::oracles::{jobs, toolchain};
use crate::place;

/// Of so many projects of the corpus's sample one gets an overlay.
const PART: usize = 4;

/// A project and what stands beside it.
struct Tree {
    project: Project,
    /// The files of the base, when the project's own flags do not name them.
    unnamed: Vec<String>,
    /// All files of the base.
    files: Vec<String>,
    beside: Vec<Beside>,
}

/// An overlay or a component.
struct Beside {
    name: String,
    is_component: bool,
    /// The flags that ask for it.
    flags: Vec<String>,
    /// The flags that make a project of its own of the base and it.
    whole: Vec<String>,
}

/// Whether a tree was built and is right; how many objects its overlays have, and what is wrong.
#[derive(Default)]
struct Verdict {
    objects: usize,
    /// How many overlays were compared as values of a chart as well.
    charts: usize,
    wrong: Vec<String>,
    /// What was built.
    texts: Vec<String>,
}

/// The lane: the cases of `testdata/trees`, and every other project with an overlay that changes a bit of everything.
pub(crate) fn run(sample: Option<usize>) -> Result<(), String> {
    let started = Instant::now();
    let (kustomize, helm) = (toolchain::kustomize()?, toolchain::helm(3)?);
    let transship = place::transship()?;
    let mut trees = cases()?;
    // Each is built several times: a part of the sample is enough.
    trees.extend(projects::all(sample.map(|sample| sample / PART))?.into_iter().filter_map(changed));
    let verdicts =
        projects::side_by_side(&trees, |worker, tree| judge(&transship, (&kustomize, &helm), worker, tree))?;
    let mut tallies: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut failures = 0;
    for (tree, verdict) in trees.iter().zip(&verdicts) {
        let [all, equal, objects] = tallies.entry(tree.project.list).or_default();
        *all += 1;
        let Some(verdict) = verdict else { continue };
        *equal += usize::from(verdict.wrong.is_empty());
        *objects += verdict.objects;
        failures += usize::from(!verdict.wrong.is_empty());
        verdict.wrong.iter().take(5).for_each(|words| println!("overlays: {}: {words}", tree.project.id));
    }
    for (list, [all, equal, objects]) in &tallies {
        println!("forms, overlays, {list}: {all} projects, {equal} written and equal, {objects} objects");
    }
    let charts: usize = verdicts.iter().flatten().map(|verdict| verdict.charts).sum();
    println!("forms, overlays: {charts} compared as values of charts");
    println!("forms, overlays: {:.1} s", started.elapsed().as_secs_f64());
    if tallies.values().all(|[_, equal, _]| *equal == 0) {
        return Err("forms, overlays: nothing was built".to_owned());
    }
    let built =
        trees.iter().zip(verdicts).filter_map(|(tree, verdict)| Some((&tree.project.id, verdict?.texts)));
    failures += refused(built)?;
    if failures == 0 { Ok(()) } else { Err(format!("forms: {failures} trees are wrong")) }
}

/// How many of these trees a real API server does not take as they are.
fn refused<'t>(built: impl Iterator<Item = (&'t String, Vec<String>)>) -> Result<usize, String> {
    let server = ControlPlane::start()?;
    let definitions = apiserver::definitions()?;
    if let Some(definitions) = &definitions {
        apiserver::install(&server, definitions)?;
    }
    let question = |id: &String, text| Object {
        id: id.clone(),
        namespace: "default".to_owned(),
        warn: None,
        enforce: false,
        text,
    };
    let objects: Vec<Object> =
        built.flat_map(|(id, texts)| texts.into_iter().map(move |text| question(id, text))).collect();
    let verdicts = apiserver::check(&server, objects.into_iter())?;
    let mut refused = BTreeSet::new();
    for verdict in &verdicts {
        for complaint in unexpected(verdict, definitions.is_some()) {
            println!("overlays: {} {}: {complaint}", verdict.id, verdict.address);
            refused.insert(&verdict.id);
        }
    }
    println!("forms, overlays: {} objects asked about, {} trees refused", verdicts.len(), refused.len());
    if verdicts.is_empty() { Err("forms, overlays: nothing was asked".to_owned()) } else { Ok(refused.len()) }
}

/// The cases of `testdata/trees` that name their overlays themselves.
fn cases() -> Result<Vec<Tree>, String> {
    let mut trees = Vec::new();
    for folder in jobs::folders(&place::root().join("testdata/trees"))? {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let flags = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
        let words = flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
        let words: Vec<&str> = words.collect();
        let mut beside: Vec<Beside> = Vec::new();
        for pair in words.chunks(2) {
            let [flag, value] = pair else { return Err(format!("{name}/args: a flag has no value")) };
            let (own, what) = value.split_once('=').ok_or_else(|| format!("{name}/args: write NAME=…"))?;
            let whole = match what.strip_prefix("profile:") {
                Some(profile) => ["--profile".to_owned(), profile.to_owned()],
                None => ["-f".to_owned(), what.to_owned()],
            };
            if !beside.iter().any(|known| known.name == own) {
                let is_component = *flag == "--component";
                beside.push(Beside {
                    name: own.to_owned(),
                    is_component,
                    flags: Vec::new(),
                    whole: Vec::new(),
                });
            }
            if let Some(one) = beside.iter_mut().find(|known| known.name == own) {
                one.flags.extend(pair.iter().map(|word| (*word).to_owned()));
                one.whole.extend(whole);
            }
        }
        if !folder.join("compose.yaml").is_file() {
            // A variable names its files: there is no command line that adds one on top of them.
            continue;
        }
        let project = Project::new("trees", &name, folder, Vec::new());
        let files = vec!["compose.yaml".to_owned()];
        trees.push(Tree { project, unnamed: files.clone(), files, beside });
    }
    Ok(trees)
}

/// A project with an overlay that scales every service, and gives it a variable, a label and more time to stop.
fn changed(project: Project) -> Option<Tree> {
    let named = project.files();
    let unnamed = if named.is_empty() { vec!["compose.yaml".to_owned()] } else { Vec::new() };
    let files = if named.is_empty() { unnamed.clone() } else { named };
    let there = files.iter().all(|file| project.folder().join(file).is_file());
    there.then_some(Tree { project, unnamed, files, beside: Vec::new() })
}

/// An override for every service that the project has; nothing when it cannot be loaded, or has none.
fn override_of(transship: &Path, tree: &Tree, path: &Path) -> Result<Option<Beside>, String> {
    let output = tree
        .project
        .config(transship)
        .args(tree.unnamed.iter().flat_map(|file| ["-f", file]))
        .arg("--services")
        .output()
        .map_err(|error| error.to_string())?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    if names.trim().is_empty() {
        return Ok(None);
    }
    const KEYS: &str = "container_name: !reset null, deploy: {replicas: 2}, environment: {TRANSSHIP_SITE: north}, \
        labels: {site: north}, stop_grace_period: 77s";
    let text = projects::override_of(names.lines(), KEYS);
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = path.display().to_string();
    Ok(Some(Beside {
        name: "changed".to_owned(),
        is_component: false,
        flags: vec!["--overlay".to_owned(), format!("changed={file}")],
        whole: vec!["-f".to_owned(), file],
    }))
}

/// Writes the tree and builds what stands beside its base; nothing when there is nothing to write.
fn judge(
    transship: &Path,
    (kustomize, helm): (&Path, &Path),
    worker: usize,
    tree: &Tree,
) -> Result<Option<Verdict>, String> {
    let folder = super::cleared(&format!("tree-{worker}"))?;
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let generated;
    let beside: &[Beside] = if tree.beside.is_empty() {
        let Some(one) = override_of(transship, tree, &folder.join("changed.yaml"))? else { return Ok(None) };
        generated = [one];
        &generated
    } else {
        &tree.beside
    };
    let (out, report) = (folder.join("tree"), folder.join("report.json"));
    let base: Vec<&str> = tree.unnamed.iter().flat_map(|file| ["-f", file]).collect();
    let mut command = tree.project.command(transship, Way::AsGiven);
    command.args(&base).args(["--to", "kustomize"]).args(beside.iter().flat_map(|one| &one.flags));
    let written = command.arg("-o").arg(&out).arg("--report").arg(&report).output().map_err(failed)?;
    if String::from_utf8_lossy(&written.stderr).contains("panicked at") {
        let words = String::from_utf8_lossy(&written.stderr).into_owned();
        return Ok(Some(Verdict { wrong: vec![words], ..Verdict::default() }));
    }
    if !out.exists() {
        return Ok(None);
    }
    let report = place::json(&report)?;
    let project = report["project"].as_str().unwrap_or_default();
    let mut verdict = Verdict::default();
    for one in beside {
        match built(kustomize, &out, one) {
            Err(words) => verdict.wrong.push(words),
            Ok(text) => {
                let built = Objects::read(&text)?.settled();
                verdict.texts.push(text);
                let Some(whole) = together(transship, tree, one, beside, project, &folder)? else { continue };
                verdict.objects += built.len();
                let differences = whole.differences(&built);
                verdict.wrong.extend(differences.into_iter().map(|words| format!("{}: {words}", one.name)));
                let home = whole.namespace(project).unwrap_or(project).to_owned();
                if let Some(chart) = chart(transship, helm, (tree, beside), one, (&folder, &home))? {
                    let differences = whole.without_release(&home)?.differences(&chart);
                    let words =
                        differences.into_iter().map(|words| format!("{}, as a chart: {words}", one.name));
                    verdict.wrong.extend(words);
                    verdict.charts += 1;
                }
            }
        }
    }
    Ok(Some(verdict))
}

/// What Helm makes of the chart with the values of an overlay, or with a component switched on; nothing when it changes
/// what no value says, or the chart asks for more.
fn chart(
    transship: &Path,
    helm: &Path,
    (tree, beside): (&Tree, &[Beside]),
    one: &Beside,
    (folder, namespace): (&Path, &str),
) -> Result<Option<Objects>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let (out, report) = (folder.join("chart"), folder.join("chart.json"));
    for old in [&out, &report] {
        drop(std::fs::remove_dir_all(old));
        drop(std::fs::remove_file(old));
    }
    let mut command = tree.project.command(transship, Way::AsGiven);
    command.args(tree.unnamed.iter().flat_map(|file| ["-f", file])).args(["--to", "helm"]);
    command.args(beside.iter().flat_map(|other| &other.flags));
    command.arg("-o").arg(&out).arg("--report").arg(&report).output().map_err(failed)?;
    if !report.is_file() {
        return Ok(None);
    }
    let report = place::json(&report)?;
    let asks = report["parameters"].as_array().into_iter().flatten().any(|one| one["default"].is_null());
    let reports = report["overlays"].as_array().into_iter().flatten();
    let own = reports.filter(|report| report["name"] == one.name.as_str());
    let findings = own.flat_map(|report| report["findings"].as_array().into_iter().flatten());
    let unsaid = findings.filter_map(|finding| finding["message"].as_str());
    let unsaid = unsaid.filter(|message| message.contains("no value of a chart says")).count();
    if asks || unsaid > 0 || !out.exists() {
        return Ok(None);
    }
    let mut command = Command::new(helm);
    super::home(&mut command)
        .args(["template", "release", "--skip-tests", "--namespace", namespace])
        .arg(&out);
    if one.is_component {
        let parameters = report["parameters"].as_array().into_iter().flatten();
        let names = parameters.filter_map(|parameter| parameter["name"].as_str());
        // Cases have one component at most.
        let mut switches = names.filter(|name| name.starts_with("components."));
        let switch = switches.next().ok_or_else(|| format!("component {} has no switch", one.name))?;
        command.arg("--set").arg(format!("{switch}=true"));
    } else {
        command.arg("-f").arg(out.join(format!("values-{}.yaml", one.name)));
    }
    Ok(Some(Objects::read(&said(&mut command)?)?.without_release(namespace)?.settled()))
}

/// What Kustomize builds of an overlay, or of the base with a component.
fn built(kustomize: &Path, out: &Path, one: &Beside) -> Result<String, String> {
    let mut folder = out.join("overlays").join(&one.name);
    if one.is_component {
        folder = out.join("overlays/with-a-component");
        let text = format!("resources: [../../base]\ncomponents: [../../components/{}]\n", one.name);
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        std::fs::write(folder.join("kustomization.yaml"), text).map_err(|error| error.to_string())?;
    }
    said(Command::new(kustomize).arg("build").arg(folder))
}

/// The base and an overlay converted as one project, with the numbers that kinds are decided by; nothing when that
/// project is none.
fn together(
    transship: &Path,
    tree: &Tree,
    one: &Beside,
    all: &[Beside],
    project: &str,
    folder: &Path,
) -> Result<Option<Objects>, String> {
    let whole = folder.join("whole");
    if whole.exists() {
        std::fs::remove_dir_all(&whole).map_err(|error| error.to_string())?;
    }
    // The base once more, on top: its own numbers count too. Where that is no project, they are hoped to be the least.
    let on_top = tree.files.iter().flat_map(|file| ["--overlay".to_owned(), format!("the-base={file}")]);
    for numbers in [on_top.collect(), Vec::new()] {
        let mut command = tree.project.command(transship, Way::AsGiven);
        command.args(tree.unnamed.iter().flat_map(|file| ["-f", file])).args(&one.whole);
        command.args(["-p", project, "--to", "kustomize"]);
        command.args(all.iter().filter(|other| other.name != one.name).flat_map(|other| &other.flags));
        let written = command.args(numbers).arg("-o").arg(&whole).stdin(Stdio::null()).output();
        written.map_err(|error| error.to_string())?;
        if whole.exists() {
            break;
        }
    }
    if !whole.exists() {
        return Ok(None);
    }
    let mut text = String::new();
    manifests(&whole.join("base"), &mut text)?;
    Ok(Some(Objects::read(&text)?.settled()))
}

/// The manifests below a folder, as one text.
fn manifests(folder: &Path, text: &mut String) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort_unstable();
    for path in paths {
        if path.is_dir() {
            manifests(&path, text)?;
        } else if path.file_name().is_none_or(|name| name != "kustomization.yaml") {
            text.push_str("---\n");
            text.push_str(&std::fs::read_to_string(&path).map_err(failed)?);
        }
    }
    Ok(())
}
