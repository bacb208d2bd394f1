//! `config --batch`: many projects in one process, for comparison with Compose's own loader.

use std::collections::BTreeMap;
use std::io::{BufRead, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde_json::{Value, json};

use super::error::Error;
use super::output::Output;
use super::{Outcome, project};
use crate::config::{self, Paths};
use crate::diag::{Finding, Level, Posture};
use crate::lint;
use crate::report::{self, Format, Style};
use crate::resolve::Input;
use crate::resolve::discover::{Selection, Target};
use crate::source::Text;
use crate::source::reader::join;

/// How many jobs are read before they are answered.
const CHUNK: usize = 64;

/// Answers the jobs of standard input, one a line, in their order; answers come when a chunk of jobs is there, or the
/// input has ended.
///
/// # Errors
/// When a line is no job, or an answer cannot be written.
pub fn run(output: &mut Output) -> Result<Outcome, Error> {
    let mut lines = stdin().lock().lines().enumerate();
    loop {
        let mut jobs = Vec::new();
        for (number, line) in lines.by_ref().take(CHUNK) {
            let line = line.map_err(|error| Error::StandardInput(error.to_string()))?;
            jobs.push(job(&line).map_err(|words| Error::Job(number + 1, words))?);
        }
        if jobs.is_empty() {
            return Ok(Outcome::Clean);
        }
        let answers: Vec<Value> = jobs.par_iter().map(|(id, selection)| answer(id, selection)).collect();
        for answer in answers {
            output.write(&format!("{answer}\n"))?;
        }
    }
}

fn answer(id: &Value, selection: &Selection) -> Value {
    let Some(mut resolved) = project::load(selection, &Arc::default(), true) else {
        return json!({ "id": id, "error": "there is no Compose file" });
    };
    let findings = lint::run(std::mem::take(&mut resolved.findings), Posture::Faithful);
    if resolved.refused {
        let reasons: Vec<Finding> =
            findings.into_iter().filter(|finding| finding.level == Level::Error).collect();
        let words = report::render(Format::Concise, &reasons, &resolved.files, Style::default());
        return json!({ "id": id, "error": words.trim_end() });
    }
    json!({ "id": id, "model": config::json(&resolved.project, &resolved.files, Paths::Absolute) })
}

fn job(line: &str) -> Result<(Value, Selection), String> {
    let job: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let id = job.get("id").cloned().ok_or("`id` is missing")?;
    let first = texts(&job, "files").next().map(|file| join(Path::new("/"), file));
    let standpoint = match text(&job, "directory").filter(|directory| !directory.is_empty()) {
        Some(directory) => join(Path::new("/"), directory),
        None => {
            first.as_deref().and_then(Path::parent).ok_or("`directory` or a file is needed")?.to_path_buf()
        }
    };
    let inputs: Vec<Input> =
        texts(&job, "files").map(|file| Input { path: join(&standpoint, file), text: None }).collect();
    let env = job.get("env").and_then(Value::as_object).into_iter().flatten();
    let given: BTreeMap<Text, Text> =
        env.filter_map(|(name, value)| Some((Text::new(name), Text::new(value.as_str()?)))).collect();
    let selection = Selection {
        target: if inputs.is_empty() { Target::Here } else { Target::Files(inputs) },
        on_top: Vec::new(),
        directory: Some(standpoint.clone()),
        env_files: texts(&job, "env_files").map(|file| join(&standpoint, file)).collect::<Vec<PathBuf>>(),
        given,
        profiles: texts(&job, "profiles").map(str::to_owned).collect(),
        name: text(&job, "name").filter(|name| !name.is_empty()).map(str::to_owned),
        standpoint,
    };
    Ok((id, selection))
}

fn text<'a>(job: &'a Value, key: &str) -> Option<&'a str> {
    job.get(key).and_then(Value::as_str)
}

fn texts<'a>(job: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    job.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
