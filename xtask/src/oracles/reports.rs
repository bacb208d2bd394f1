//! The reports of `lint`, read by those who read them: code scanning, reviewdog, XML and JSON schemas.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{packages, toolchain};
use crate::place;

/// The formats that somebody else reads.
const FORMATS: [&str; 7] = ["json", "sarif", "gitlab", "junit", "checkstyle", "rdjson", "markdown"];

/// A project as ugly as a user could make it: in the name of its file, in its values, in its characters.
const UGLY: &str = "\u{feff}services: # 🦀\n  web:\n    labels: {é: ü, b: '${NO}'}\n    image: \"a`b<script>alert(1)</script>|[x](http://y.example)\"\r\n    network_mode: host\n    environment:\n      DB_PASSWORD: zq7-hunter\n      A: \"%0A::error::<![CDATA[ ]]> @team #1 \\e[31m \u{202e}\"\n";

/// What no report may tell.
const SECRET: &str = "zq7-hunter";

/// The lane.
pub(crate) fn run() -> Result<(), String> {
    let transship = place::transship()?;
    let folder = toolchain::folder().join("reports");
    written(&transship, &folder)?;
    let findings = place::json(&folder.join("report.json"))?;
    let all = findings["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let mut passed = 0;
    for format in ["rdjson", "checkstyle", "sarif"] {
        let expected = sorted(all.iter().map(|finding| of_ours(finding, format)).collect());
        let seen = reviewdog(&folder, format)?;
        if seen != expected {
            return Err(format!("reviewdog reads other findings in `{format}`: {}", first(&expected, &seen)));
        }
        println!("{format}: reviewdog reads all {} findings", seen.len());
        passed += 1;
    }
    match packages::npm("sarif-multitool")? {
        Some(modules) => {
            let program = modules.join("@microsoft/sarif-multitool-linux/Sarif.Multitool");
            if program.is_file() {
                multitool(&program, &folder)?;
                passed += 1;
            } else {
                println!("did not run: the SARIF Multitool (its npm package has a program for Linux only)");
            }
        }
        None => println!("did not run: the SARIF Multitool (there is no npm)"),
    }
    match packages::python("judges")? {
        Some(programs) => passed += judged(&programs, &folder)?,
        None => println!("did not run: JUnit's XSD, the JSON schemas and Markdown (there is no Python)"),
    }
    println!("did not run: GitLab itself (its schema is in no package registry; its rules are held by hand)");
    println!("reports: {passed} passed, 0 failed");
    Ok(())
}

/// Lints the example, the cases of the conversion and the ugly project, and writes a report in every format.
fn written(transship: &Path, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    let ugly = folder.join("ügly 100%, [1]");
    std::fs::create_dir_all(&ugly).map_err(failed)?;
    std::fs::write(ugly.join("odd.compose.yaml"), UGLY).map_err(failed)?;
    // A key that nobody knows keeps the rest of a project from being looked at.
    std::fs::write(ugly.join("compose.yaml"), format!("{UGLY}    ünknown<b>: 1\n")).map_err(failed)?;
    for part in ["examples", "testdata/convert"] {
        place::run(Command::new("cp").arg("-R").arg(place::root().join(part)).arg(folder))?;
    }
    let mut lint = Command::new(transship);
    lint.args(["lint", "--format", "concise", "--posture", "restricted"]);
    for format in FORMATS {
        lint.arg("--output").arg(format!("{format}=report.{format}"));
    }
    let ran = lint.arg(".").current_dir(folder).stdout(Stdio::null()).status();
    let code = ran.map_err(|error| format!("`transship lint`: {error}"))?.code();
    if code != Some(1) {
        return Err(format!("`transship lint` has findings, and ended with {code:?}"));
    }
    for format in FORMATS {
        let report = folder.join(format!("report.{format}"));
        let text =
            std::fs::read_to_string(&report).map_err(|error| format!("{}: {error}", report.display()))?;
        if text.contains(SECRET) {
            return Err(format!("`{format}` tells a secret"));
        }
    }
    let report = ["convert", "examples/shop", "--report", "report.conversion"];
    let mut convert = Command::new(transship);
    convert.args(report).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    place::run(&mut convert)
}

/// What a reader has to see of a finding: file, line, rule and level.
type Seen = (String, u64, String, &'static str);

fn sorted(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.sort();
    seen
}

fn first(expected: &[Seen], seen: &[Seen]) -> String {
    let missing = expected.iter().find(|finding| !seen.contains(finding));
    let strange = seen.iter().find(|finding| !expected.contains(finding));
    format!("{} instead of {}; missing {missing:?}, strange {strange:?}", seen.len(), expected.len())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A finding as a format tells it; what is allowed keeps its level in SARIF, which has a word for that beside it.
fn of_ours(finding: &Value, format: &str) -> Seen {
    let level = match finding["level"].as_str() {
        _ if finding["allowed"].is_string() && format != "sarif" => "INFO",
        Some("error") => "ERROR",
        Some("warning") => "WARNING",
        _ => "INFO",
    };
    (text(&finding["file"]), finding["line"].as_u64().unwrap_or(0), text(&finding["rule"]), level)
}

/// The findings that reviewdog sees in a report.
fn reviewdog(folder: &Path, format: &str) -> Result<Vec<Seen>, String> {
    let report = folder.join(format!("report.{format}"));
    let input = std::fs::File::open(&report).map_err(|error| format!("{}: {error}", report.display()))?;
    let ran = Command::new(toolchain::reviewdog()?)
        .arg(format!("-f={format}"))
        .args(["-reporter=rdjsonl", "-filter-mode=nofilter"])
        .current_dir(place::root())
        .stdin(input)
        .output()
        .map_err(|error| format!("`reviewdog` cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let lines = said.lines().map(serde_json::from_str::<Value>);
    let seen: Result<Vec<Seen>, String> = lines
        .map(|line| {
            let line = line.map_err(|error| format!("`reviewdog` on `{format}`: {error}"))?;
            let level = match line["severity"].as_str() {
                Some("ERROR") => "ERROR",
                Some("WARNING") => "WARNING",
                _ => "INFO",
            };
            let at = line["location"]["range"]["start"]["line"].as_u64().unwrap_or(0);
            Ok((text(&line["location"]["path"]), at, text(&line["code"]["value"]), level))
        })
        .collect();
    let seen = seen?;
    if seen.is_empty() {
        return Err(format!("`reviewdog` on `{format}`: {}", String::from_utf8_lossy(&ran.stderr)));
    }
    Ok(sorted(seen))
}

/// Holds the SARIF report against the schema and the rules of the specification, as Microsoft's reader knows them.
fn multitool(program: &Path, folder: &Path) -> Result<(), String> {
    executable(program)?;
    let good = folder.join("report.sarif");
    let report = std::fs::read_to_string(&good).map_err(|error| error.to_string())?;
    let bad = folder.join("broken.sarif");
    std::fs::write(&bad, report.replace("\"ruleIndex\"", "\"ruleNumber\""))
        .map_err(|error| error.to_string())?;
    if objections(program, &bad)?.is_empty() {
        return Err("the SARIF Multitool takes a broken report".to_owned());
    }
    let said = objections(program, &good)?;
    if said.is_empty() {
        println!("sarif: the Multitool takes it");
        Ok(())
    } else {
        Err(format!("the SARIF Multitool objects: {}", said.join("; ")))
    }
}

/// What the validation says that is no mere advice.
fn objections(program: &Path, report: &Path) -> Result<Vec<String>, String> {
    let answer = report.with_extension("validated");
    let mut validate = Command::new(program);
    validate.arg("validate").arg(report).args(["--rule-kind", "Sarif;Ghas", "--log", "ForceOverwrite"]);
    // It is a program of .NET, which would look for the languages of the world.
    validate.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    let ran = validate.arg("--output").arg(&answer).output();
    let ran = ran.map_err(|error| format!("`{}`: {error}", program.display()))?;
    if !answer.is_file() {
        return Err(format!("the SARIF Multitool says nothing: {}", String::from_utf8_lossy(&ran.stdout)));
    }
    let said = place::json(&answer)?;
    let results = said["runs"][0]["results"].as_array().into_iter().flatten();
    let grave = results.filter(|result| result["level"] != "note");
    Ok(grave.map(|result| format!("{} {}", result["ruleId"], result["message"])).collect())
}

/// The program of a package whose script did not run.
fn executable(program: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755))
            .map_err(|error| format!("{}: {error}", program.display()))?;
    }
    Ok(())
}

/// Asks the validators of Python; how many reports they took.
fn judged(programs: &Path, folder: &Path) -> Result<usize, String> {
    // The schema that Jenkins holds test results against comes with the source of pytest.
    let pytest: PathBuf = packages::python_source(programs, "pytest", "8.4.2")?;
    let ran = Command::new(programs.join("python"))
        .arg(toolchain::module("judges").join("judge.py"))
        .arg(folder)
        .arg(place::root().join("docs/schema"))
        .arg(pytest)
        .arg(toolchain::reviewdog_source()?.join("proto/rdf/jsonschema/DiagnosticResult.json"))
        .output()
        .map_err(|error| format!("`python`: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    print!("{said}");
    if ran.status.success() {
        Ok(said.lines().count())
    } else {
        Err(String::from_utf8_lossy(&ran.stderr).into_owned())
    }
}
