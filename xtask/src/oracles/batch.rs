//! Asks one program about many projects; a program that dies or hangs costs the project that killed it, not the run.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::Job;

/// How long a program may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program says of a project.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The resolved model.
    Model(Value),
    /// Why there is none.
    Refused(String),
    /// The program died or hung.
    Lost,
}

/// The answers by job id.
pub(crate) type Answers = BTreeMap<String, Answer>;

/// Asks about all jobs; `program` makes the command that reads them.
pub(crate) fn ask(program: &dyn Fn() -> Command, jobs: &[Job]) -> Result<Answers, String> {
    let mut answers = Answers::new();
    let mut waiting: Vec<Vec<&Job>> = vec![jobs.iter().collect()];
    while let Some(group) = waiting.pop() {
        let lines: Vec<String> = group.iter().map(|job| job.line().to_string()).collect();
        let said = converse(program(), lines)?;
        let any = !said.is_empty();
        for line in said {
            let (id, answer) = parse(&line)?;
            answers.insert(id, answer);
        }
        let mut left: Vec<&Job> = group.into_iter().filter(|job| !answers.contains_key(&job.id)).collect();
        match left.as_slice() {
            [] => {}
            [job] if !any => {
                answers.insert(job.id.clone(), Answer::Lost);
            }
            // A program that reads everything before it answers dies without a word: halve, to find the one.
            _ if !any => {
                let second = left.split_off(left.len() / 2);
                waiting.extend([second, left]);
            }
            _ => waiting.push(left),
        }
    }
    Ok(answers)
}

fn parse(line: &str) -> Result<(String, Answer), String> {
    let mut answer: Value =
        serde_json::from_str(line).map_err(|error| format!("an answer is no JSON ({error}): {line}"))?;
    let id = answer["id"].as_str().ok_or_else(|| format!("an answer has no id: {line}"))?.to_owned();
    let answer = match answer["error"].take() {
        Value::String(reason) if !reason.is_empty() => Answer::Refused(reason),
        _ => match answer["model"].take() {
            Value::Null => return Err(format!("an answer has neither model nor error: {line}")),
            model => Answer::Model(model),
        },
    };
    Ok((id, answer))
}

/// Gives the lines to the program and returns the lines that it answers until its end or until it hangs.
fn converse(mut command: Command, lines: Vec<String>) -> Result<Vec<String>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child: Child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .current_dir("/")
        .spawn()
        .map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    let mut input = child.stdin.take().expect("standard input is a pipe");
    let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
    let writer = std::thread::spawn(move || {
        for line in lines {
            // A program that died reads no more; its answers say which jobs are left.
            if writeln!(input, "{line}").is_err() {
                break;
            }
        }
    });
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut said = Vec::new();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(line) => said.push(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().map_err(|error| format!("`{name}` hangs and cannot be stopped: {error}"))?;
                break;
            }
        }
    }
    child.wait().map_err(|error| format!("`{name}`: {error}"))?;
    writer.join().map_err(|_| format!("could not write to `{name}`"))?;
    reader.join().map_err(|_| format!("could not read from `{name}`"))?;
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_program_that_dies_costs_one_project() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let jobs: Vec<Job> = ["a", "deadly", "b", "c"].iter().map(|id| job(id, folder)).collect();
        let script = "while IFS= read -r line; do case \"$line\" in *deadly*) exit 3;; esac; id=${line#*: }; \
                      echo \"{\\\"id\\\":\\\"cases: ${id%%\\\"*}\\\",\\\"error\\\":\\\"no\\\"}\"; done";
        let answers = ask(
            &|| {
                let mut command = Command::new("sh");
                command.args(["-c", script]);
                command
            },
            &jobs,
        )
        .expect("a shell can be started");
        let lost: Vec<&String> =
            answers.iter().filter(|(_, answer)| matches!(answer, Answer::Lost)).map(|(id, _)| id).collect();
        assert_eq!((answers.len(), lost), (4, vec![&"cases: deadly".to_owned()]));
    }

    fn job(id: &str, folder: &Path) -> Job {
        let mut job = Job::default();
        job.list = "cases";
        job.id = format!("cases: {id}");
        job.directory = Some(folder.to_owned());
        job
    }
}
