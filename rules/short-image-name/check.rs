//! Looks for names of images that leave the registry to whoever pulls.

use crate::compose::image_reference::{DOCKER_HUB, ImageReference};
use crate::diag::{Edit, Safety, slugs};
use crate::rule::image::{Pulled, pulled};
use crate::rule::{Ctx, Sink, place};
use crate::source::Text;
use crate::source::origin::{Part, PartKind, Variable};
use crate::source::span::{Span, Spanned};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for Pulled { subject, image, reference: _, is_built } in pulled(ctx) {
        if is_built || ImageReference::names_registry(&image.value) {
            continue;
        }
        let Start::Written(first) = start(ctx, image) else { continue };
        let whole = if image.value.contains('/') { "" } else { "library/" };
        let message = format!(
            "`{}` names no registry; a node asks the one that it is set up with, which need not be Docker Hub",
            image.value
        );
        let prefix = format!("{DOCKER_HUB}/{whole}");
        let tip =
            "write the registry that Docker takes: `docker.io/`, and `docker.io/library/` before one word";
        let mut finding = subject.finding(slugs::SHORT_IMAGE_NAME, image.span, "image", message).tip(tip);
        if let Some(first) = first {
            let edit = Edit { span: first.at_start(), text: prefix };
            finding = finding.fix(Safety::Unsafe, "write the registry that Docker takes", vec![edit]);
        }
        sink.report(finding);
    }
}

/// What the name of an image begins with.
enum Start {
    /// Text of the file, and its place when the file shows it as it is.
    Written(Option<Span>),
    /// A variable that holds the registry or the name, and that is set elsewhere.
    Variable,
}

fn start(ctx: &Ctx<'_>, image: &Spanned<Text>) -> Start {
    let text = image.value.as_str();
    let Some(pieces) = place::pieces(ctx, image, text) else {
        return Start::Written(shown(ctx, place::part(ctx, image, text, 0..text.len()), text));
    };
    let Some(first) = pieces.first() else { return Start::Variable };
    let Some(variable) = first.variable else {
        let part = first.range.clone();
        return Start::Written(shown(ctx, place::part(ctx, image, text, part.clone()), &text[part]));
    };
    match default_in_use(variable) {
        Some([Part { range, kind: PartKind::Literal(word) }, ..]) => {
            let Some(template) = ctx.project.origins.get(image.origin).template.as_deref() else {
                return Start::Written(None);
            };
            let range = range.start as usize..range.end as usize;
            Start::Written(shown(ctx, place::written(ctx, image.span, &template.text, range), word))
        }
        _ => Start::Variable,
    }
}

/// The default of a variable that has no value of its own.
fn default_in_use(variable: &Variable) -> Option<&[Part]> {
    let unset = variable.value.as_ref().is_none_or(|value| value.is_empty());
    variable.default().filter(|_| unset)
}

fn shown(ctx: &Ctx<'_>, span: Span, text: &str) -> Option<Span> {
    let token = ctx.files.text(span);
    let quoted = token.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
    if token == text {
        Some(span)
    } else {
        (quoted == Some(text)).then(|| Span { start: span.start + 1, ..span })
    }
}
