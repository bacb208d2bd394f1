//! What acts at build or development time only.

use std::path::Path;

use crate::compose::build::Build;
use crate::compose::codec::{Field, List};
use crate::compose::develop::Develop;
use crate::compose::project::{entries, items};
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::plan::image_build::ImageBuild;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `build`
    pub build: &'p Field<Build>,
    /// `develop`
    pub develop: &'p Field<Develop>,
    /// `attach`
    pub attach: &'p Field<bool>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { build, develop, attach } = keys;
    let name = draft.member.name;
    if let Some(build) = build {
        pass.build(build);
        let message = format!(
            "the image of `{name}` is built here; nodes pull images, so the image has to be built and pushed before"
        );
        stays_behind(pass, build, message);
        let image = draft.member.container.image.as_ref();
        let image = image.map(|image| image.value.clone()).unwrap_or_default();
        let plan = plan(name, image, &build.value, &pass.input.project.directory);
        pass.builds.push(plan);
    }
    if let Some(develop) = develop {
        pass.dev(develop);
        let message = format!("`develop` of `{name}` acts while the project is developed, and stays behind");
        stays_behind(pass, develop, message);
    }
    if let Some(attach) = attach {
        pass.dev(attach);
        let message = format!("`attach` of `{name}` says what `docker compose up` shows, and stays behind");
        stays_behind(pass, attach, message);
    }
}

fn stays_behind<T>(pass: &mut Pass<'_>, value: &Spanned<T>, message: String) {
    let finding = pass.finding_at_key(value, slugs::DEVELOPMENT_KEY, message);
    pass.report(finding);
}

/// A folder as seen from the project; anything else as it is.
fn from(directory: &Path, context: &str) -> Text {
    match Path::new(context).strip_prefix(directory) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy().as_ref().into(),
        Err(_) => context.into(),
    }
}

/// The names of a build, for the list of images that have to be there; values of arguments may be secrets.
fn plan(service: &Text, image: Text, build: &Build, directory: &Path) -> ImageBuild {
    let text = |field: &Field<Text>| field.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    let texts = |field: &Field<List<Text>>| items(field).map(|text| text.value.clone()).collect();
    ImageBuild {
        service: service.clone(),
        image,
        context: from(directory, &text(&build.context)),
        dockerfile: text(&build.dockerfile),
        inline: build.dockerfile_inline.is_some(),
        target: text(&build.target),
        platforms: texts(&build.platforms),
        tags: texts(&build.tags),
        arguments: entries(&build.args).map(|(name, _)| name.clone()).collect(),
        secrets: items(&build.secrets)
            .filter_map(|secret| secret.value.source.as_ref())
            .map(|source| source.value.clone())
            .collect(),
    }
}
