//! The console blocks of a document: lines that begin with `$ ` are run, and what follows is what they print.

use std::path::Path;

use super::tool::Ran;

/// The document with its console blocks as the tool prints them now.
pub(crate) fn refreshed(text: &str, folder: &Path) -> String {
    let mut fresh = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        push(&mut fresh, line);
        if line.trim_end() != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut code = 0;
        for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
            push(&mut fresh, &format!("$ {command}"));
            if command == "echo $?" {
                push(&mut fresh, &code.to_string());
                continue;
            }
            let words: Vec<&str> = command.split_whitespace().collect();
            let (program, arguments) = words.split_first().expect("a command");
            assert_eq!(*program, "transship", "only the tool is run: {command}");
            let ran = Ran::of(folder, arguments, &[], None);
            fresh.push_str(&ran.stdout);
            fresh.push_str(&ran.stderr);
            code = ran.code;
        }
        push(&mut fresh, "```");
    }
    fresh
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
