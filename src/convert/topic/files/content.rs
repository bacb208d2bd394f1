//! What a config or secret holds, and in which object it stands.

use std::path::Path;

use super::Section;
use crate::compose::codec::Extensions;
use crate::compose::file_object::{Config, Secret};
use crate::convert::Input;
use crate::convert::hint;
use crate::convert::pass::Pass;
use crate::convert::survey::file_set::{self, Found, HeldFile, look};
use crate::diag::sensitive;
use crate::k8s::{data_key, name};
use crate::source::Text;
use crate::source::origin::{Part, PartKind};
use crate::source::span::Spanned;

/// Where the bytes of a config or secret come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// They are there.
    Bytes(HeldFile),
    /// Somebody else makes the object.
    External,
    /// The file is missing or cannot be read; in words.
    Unreadable(String),
    /// The file is too large; in words.
    TooLarge(String),
    /// The variable has no value.
    Unset(Text),
    /// Nothing says.
    Nothing,
}

/// The declaration of a config or secret, as far as both are alike.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'p> {
    /// Its key in the project.
    pub key: &'p str,
    /// `external`
    pub external: bool,
    /// `name`
    pub name: Option<&'p Spanned<Text>>,
    /// `file`
    pub file: Option<&'p Spanned<Text>>,
    /// `environment`
    pub environment: Option<&'p Spanned<Text>>,
    /// `content`
    pub content: Option<&'p Spanned<Text>>,
    /// The extension keys.
    pub extensions: &'p Extensions,
}

/// The declaration of a config or secret.
#[must_use]
pub fn declared<'p>(input: &Input<'p>, section: Section, key: &'p str) -> Option<Declared<'p>> {
    match section {
        Section::Configs => {
            let config = input.project.model.configs.as_ref()?.value.get(key)?;
            Some(Declared::of_config(key, &config.value))
        }
        Section::Secrets => {
            let secret = input.project.model.secrets.as_ref()?.value.get(key)?;
            Some(Declared::of_secret(key, &secret.value))
        }
    }
}

impl<'p> Declared<'p> {
    /// Of a config.
    #[must_use]
    pub fn of_config(key: &'p str, config: &'p Config) -> Self {
        Self {
            key,
            external: config.external.as_ref().is_some_and(|external| external.value),
            name: config.name.as_deref(),
            file: config.file.as_deref(),
            environment: config.environment.as_deref(),
            content: config.content.as_deref(),
            extensions: &config.extensions,
        }
    }

    /// Of a secret.
    #[must_use]
    pub fn of_secret(key: &'p str, secret: &'p Secret) -> Self {
        Self {
            key,
            external: secret.external.as_ref().is_some_and(|external| external.value),
            name: secret.name.as_deref(),
            file: secret.file.as_deref(),
            environment: secret.environment.as_deref(),
            content: None,
            extensions: &secret.extensions,
        }
    }

    /// The name of its object.
    #[must_use]
    pub fn object(&self) -> Text {
        let hinted = hint::find(self.extensions, "object").and_then(|hint| hint.text());
        let own = self.name.filter(|_| self.external).map_or(self.key, |name| name.value.as_str());
        let text = hinted.as_deref().unwrap_or(own);
        name::object(text, name::LABEL_LENGTH).unwrap_or_else(|| "file".to_owned()).into()
    }

    /// Whether a hint names its object.
    #[must_use]
    pub fn is_named_by_hint(&self) -> bool {
        hint::find(self.extensions, "object").and_then(|hint| hint.text()).is_some()
    }

    /// Its key in the object.
    #[must_use]
    pub fn data_key(&self) -> Text {
        let hinted = hint::find(self.extensions, "key").and_then(|hint| hint.text());
        let own = self.name.filter(|_| self.external).map_or(self.key, |name| name.value.as_str());
        hinted.filter(|key| data_key::is_key(key)).unwrap_or_else(|| data_key::of_path(own).into())
    }

    /// Whether its object is a Secret: that of a secret, and that of a config in which a secret stands.
    #[must_use]
    pub fn is_secret(&self, pass: &Pass<'_>, section: Section) -> bool {
        section == Section::Secrets
            || !self.external && matches!(self.content(pass), Content::Bytes(file) if file.sensitive)
    }

    /// The bytes, when it is right to look at them.
    #[must_use]
    pub fn content(&self, pass: &Pass<'_>) -> Content {
        if self.external {
            return Content::External;
        }
        let held = |bytes: Vec<u8>, sensitive: bool| {
            let key = self.data_key().to_string();
            Content::Bytes(HeldFile { path: key.clone(), key, bytes, executable: false, sensitive })
        };
        if let Some(content) = self.content {
            let template = &pass.input.project.origins.get(content.origin).template;
            let filled = template.as_ref().is_some_and(|template| has_secret(&template.parts));
            let sensitive = filled || file_set::is_sensitive(self.key, content.value.as_bytes());
            return held(content.value.as_bytes().to_vec(), sensitive);
        }
        if let Some(file) = self.file {
            return match look(pass.input.reader, Path::new(file.value.as_str())) {
                Found::File(found) => held(found.bytes, found.sensitive),
                Found::TooLarge(words) => Content::TooLarge(words),
                Found::Unreadable(words) => Content::Unreadable(words),
                Found::Missing => Content::Unreadable("there is no such file".to_owned()),
                Found::Empty | Found::Folder(_) | Found::Special => {
                    Content::Unreadable("it is not a regular file".to_owned())
                }
            };
        }
        let Some(variable) = self.environment else { return Content::Nothing };
        match pass.input.project.contents.get(&variable.value) {
            Some(value) => {
                let sensitive = sensitive::is_sensitive(&variable.value)
                    || file_set::is_sensitive(self.key, value.as_bytes());
                held(value.as_bytes().to_vec(), sensitive)
            }
            None => Content::Unset(variable.value.clone()),
        }
    }
}

/// Whether a variable with the name of a secret fills a part.
fn has_secret(parts: &[Part]) -> bool {
    parts.iter().any(|part| match &part.kind {
        PartKind::Variable(variable) => sensitive::is_sensitive(&variable.name),
        PartKind::Literal(_) => false,
    })
}
