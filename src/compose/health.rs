//! Healthchecks.

use super::codec::{Codec, List, Reading, Walker, mapping};
use super::leaf::Count;
use super::units::Duration;
use crate::source::{Text, span::Spanned};
use crate::tree::{Node, Value};

mapping! {
    /// How the health of a container is asked for.
    Healthcheck {
        /// Whether the image's is switched off.
        disable: bool,
        /// Time between two tests.
        interval: Duration,
        /// Failures in a row that make it unhealthy.
        retries: Count,
        /// Time between two tests while it starts.
        start_interval: Duration,
        /// Time in which failures do not count.
        start_period: Duration,
        /// The test.
        test: Test,
        /// Time that a test may take.
        timeout: Duration,
    }
    extensions
}

/// The test: `NONE`, `CMD` and its words, or `CMD-SHELL` and a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The words, the first of them says how the others are run.
    pub words: List<Text>,
    /// Whether it was written as one line, so that `CMD-SHELL` is implied.
    pub line: bool,
}

impl Codec for Test {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::String(text) = node.value else {
            return List::read(node, reading).map(|words| Self { words, line: false });
        };
        let word = |value| Spanned { value, span: node.span, key: node.span, origin: node.origin };
        Some(Self { words: vec![word(Text::new_static("CMD-SHELL")), word(text)], line: true })
    }

    fn walk(&self, walker: &mut dyn Walker) {
        self.words.walk(walker);
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        List::<Text>::fields(path, paths);
    }
}
