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
mod page;
mod private;
mod reach;
mod prepare;
mod standing;
mod tool;
mod view;
mod world;

use std::path::Path;

use case::Case;
use node::Node;
use prepare::Tools;
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
    let engines = node::engines()?;
    let cases: Vec<Case> = names.iter().map(|name| Case::open(name, &tools)).collect::<Result<_, _>>()?;
    image::load(&cases, &tools)?;
    let node = Node::start(&tools, engines)?;
    let standing = standing::read()?;
    let outcomes = world::run_all(&cases, &Worlds { tools: &tools, node: &node }, &standing);
    page::print(&outcomes, &folder.join("report"))
}
