//! `cargo xtask new-rule <slug>`: the folder of a new rule, to be filled in.

use std::fs;
use std::path::Path;

use crate::r#gen::front::{HEADINGS, check_slug};

const HEAD: &str = "\
---
summary: <the fact in one line, lower case, no final period>
level: warning
since: 0.1.0
fix: none
---
";

const EXAMPLES: &str = "\
```yaml bad
services:
  web:
    image: nginx:1.27.5
#          ^^^^^^^^^^^^ {slug}: the message, word for word
```

```yaml good
services:
  web:
    image: nginx:1.27.5
```
";

const CHECK: &str = "\
//! <What it looks for, in one sentence.>

use transship::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {}
";

/// Writes the folder; one that exists is left alone.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let [slug] = arguments else { return Err("`new-rule` takes the slug of the rule".into()) };
    check_slug(slug)?;
    let folder = root.join("rules").join(slug);
    if folder.exists() {
        return Err(format!("rules/{slug} exists"));
    }
    let mut text = HEAD.to_owned();
    for heading in HEADINGS {
        let body =
            if heading == "Examples" { EXAMPLES.replace("{slug}", slug) } else { format!("<{heading}>\n") };
        text.push_str(&format!("\n## {heading}\n\n{body}"));
    }
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("rule.md"), text))
        .and_then(|()| fs::write(folder.join("check.rs"), CHECK))
        .map_err(|error| format!("rules/{slug}: {error}"))?;
    println!(
        "written: rules/{slug}; delete check.rs when a stage raises the slug, then run `cargo xtask gen`"
    );
    Ok(())
}
