//! Looks for containers that can write to their root file system, or that must and cannot.

use crate::diag::slugs;
use crate::rule::mounts;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        let name = subject.name;
        match subject.container.read_only.as_deref() {
            None => {
                let message = format!(
                    "`{name}` can write to its root file system; hardened clusters want it read-only"
                );
                let finding = subject.absence(slugs::WRITABLE_ROOT_FS, message);
                sink.report(finding.tip("add `read_only: true`, and `tmpfs` where the program writes"));
            }
            Some(no) if !no.value => {
                let message = format!(
                    "`{name}` wants to write to its root file system; hardened clusters want it read-only"
                );
                let finding = subject.finding(slugs::WRITABLE_ROOT_FS, no.span, "read_only", message);
                sink.report(finding.tip("say `true`, and add `tmpfs` where the program writes"));
            }
            Some(yes) => {
                for path in uncovered(&subject) {
                    let message = format!(
                        "`{name}` has a read-only root, and its image writes to `{path}`, where nothing is mounted; it fails at the first write"
                    );
                    let finding = subject.finding(slugs::WRITABLE_ROOT_FS, yes.span, "read_only", message);
                    sink.report(finding.tip(format!("add `tmpfs: [{path}]`")));
                }
            }
        }
    }
}

/// The paths that the image is known to write to and that nothing is mounted over.
fn uncovered(subject: &Subject<'_>) -> Vec<String> {
    let Some(mounted) = mounts::of(subject) else { return Vec::new() };
    // Where the image declares a volume, there is one.
    let volumes = subject.facts.volumes.values().map(|volume| mounts::clean(volume));
    let above: Vec<String> = mounted.into_iter().map(|mount| mount.path).chain(volumes).collect();
    let written = subject.facts.writable.iter().map(|known| mounts::clean(&known.value));
    written.filter(|path| !above.iter().any(|above| mounts::is_below(path, above))).collect()
}
