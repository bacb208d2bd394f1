//! The lab: one project run by Docker Compose and by Kubernetes on this machine, and what the containers see compared with
//! what the ledger announced.

mod announce;
mod case;
mod cluster;
mod compare;
mod container;
mod docker;
mod image;
mod node;
mod outside;
mod page;
mod prepare;
mod private;
mod published;
mod reach;
mod release;
mod standing;
mod tool;
mod view;
mod world;

use std::path::Path;

use case::Case;
use node::Node;
use prepare::Tools;
use release::Release;
use world::Worlds;

/// Runs the cases that are named, a sample with `--sample`, or all.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    if let [word, folder] = arguments
        && word == "--inside"
    {
        return inside(Path::new(folder));
    }
    let cases = case::chosen(arguments)?;
    if let Some(reason) = prepare::missing() {
        println!("did not run: the lab ({reason})");
        return Ok(());
    }
    let folder = prepare::folder()?;
    prepare::build()?.write(&folder, &cases)?;
    private::enter(&folder)
}

/// The second half, in namespaces of its own: nothing that is started here outlives it, or is seen outside.
fn inside(folder: &Path) -> Result<(), String> {
    let (tools, names) = Tools::read(folder)?;
    private::furnish()?;
    outside::serve()?;
    let engines = node::engines()?;
    let (releases, cases): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| release::is_one(name));
    let open = |name: &&String| {
        if name.starts_with(case::BESIDE) { Case::beside(name, &tools) } else { Case::open(name, &tools) }
    };
    let cases: Vec<Case> = cases.iter().map(open).collect::<Result<_, _>>()?;
    let releases = releases.iter().enumerate().map(|(number, name)| Release::open(name, number, &tools));
    let releases: Vec<Release> = releases.collect::<Result<_, _>>()?;
    image::load(&cases, &releases, &tools)?;
    let node = Node::start(&tools, engines)?;
    let standing = standing::read()?;
    let worlds = Worlds { tools: &tools, node: &node };
    // Most of the time of both is waiting.
    let (outcomes, failed) = std::thread::scope(|scope| {
        let releases = scope.spawn(|| release::run_all(&releases, &worlds));
        let outcomes = world::run_all(&cases, &worlds, &standing);
        (outcomes, releases.join().unwrap_or_else(|_| vec!["the runner of releases".to_owned()]))
    });
    page::print(&outcomes, &failed, &folder.join("report"))
}
