//! Looks for binds whose source is a path when nobody sets the variable.

use crate::compose::mount::{Mount, MountKind};
use crate::compose::project::items;
use crate::diag::slugs;
use crate::rule::subject;
use crate::rule::{Ctx, Sink, place};
use crate::source::Text;
use crate::source::origin::{self, PartKind, Template, Variable};
use crate::source::span::Spanned;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        for (at, mount) in items(&subject.container.volumes).enumerate() {
            let Some(source) = bound(&mount.value) else { continue };
            let Some(template) = &ctx.project.origins.get(source.origin).template else { continue };
            let Some((range, variable, default)) = first(template) else { continue };
            let message = format!(
                "`{default}` is mounted when `{}` is not set: a path of the machine that runs Compose, which nodes do not have",
                variable.name
            );
            let span = place::written(ctx, source.span, &template.text, range);
            let path = format!("volumes[{at}].source");
            let finding = subject.finding(slugs::HOST_PATH_DEFAULT, span, &path, message);
            sink.report(finding.tip("mount a named volume, or demand the variable: `${…:?}`"));
        }
    }
}

/// The source of a bind; a socket is no place for data, and other rules speak of it.
fn bound(mount: &Mount) -> Option<&Spanned<Text>> {
    let is_bind = mount.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Bind);
    mount.source.as_deref().filter(|source| is_bind && !source.value.ends_with(".sock"))
}

/// The variable that a text begins with, its bytes in the text and its default, when that is a path.
fn first(template: &Template) -> Option<(std::ops::Range<usize>, &Variable, String)> {
    let part = template.parts.first()?;
    let PartKind::Variable(variable) = &part.kind else { return None };
    let default = origin::text(variable.default()?);
    let is_path =
        matches!(default.as_str(), "." | "..") || default.starts_with(['/', '~']) || starts_here(&default);
    is_path.then_some((part.range.start as usize..part.range.end as usize, variable, default))
}

fn starts_here(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../")
}
