//! Pages of `docs` whose figures a lane measures: what surrounds the figures is written by hand.

use std::fs;

use crate::place;

/// A page, by the lane that measures it.
pub(crate) struct Page {
    /// The lane, which the page is called after: `docs/<lane>.md`.
    pub(crate) lane: &'static str,
}

impl Page {
    /// Writes the figures where `write` says so, or says that they are stale.
    pub(crate) fn hold(&self, figures: &str, write: bool) -> Result<(), String> {
        let Self { lane } = self;
        let name = format!("docs/{lane}.md");
        let path = place::root().join(&name);
        let page = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let fresh = self
            .replaced(&page, figures)
            .ok_or_else(|| format!("{name}: the lines around the figures are missing"))?;
        if page == fresh {
            println!("{lane}: {name} is what was measured");
            return Ok(());
        }
        if !write {
            return Err(format!("{name} is stale: run `cargo xtask oracles --only {lane} --write`"));
        }
        fs::write(&path, fresh).map_err(|error| format!("{name}: {error}"))
    }

    /// The page with other figures; nothing when it has no place for them.
    fn replaced(&self, page: &str, figures: &str) -> Option<String> {
        let begin = format!("<!-- figures: cargo xtask oracles --only {} --write -->", self.lane);
        let end = "<!-- end of the figures -->";
        let (before, rest) = page.split_once(&begin)?;
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{begin}\n\n{figures}\n{end}{after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_figures_are_replaced() {
        let page = Page { lane: "coverage" };
        let begin = "<!-- figures: cargo xtask oracles --only coverage --write -->";
        let end = "<!-- end of the figures -->";
        let text = format!("before\n{begin}\nold\n{end}\nafter\n");
        let fresh = page.replaced(&text, "new\n").expect("the lines are there");
        assert_eq!(fresh, format!("before\n{begin}\n\nnew\n\n{end}\nafter\n"));
        assert_eq!(page.replaced(&fresh, "new\n"), Some(fresh.clone()));
        assert_eq!(page.replaced("nothing", "new"), None);
    }
}
