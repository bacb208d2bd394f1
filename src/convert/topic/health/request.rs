//! Which tests are provably a request that the kubelet can make itself: a plain `curl`, `wget`, `nc` or
//! `grpc_health_probe` of the container's own address.

use crate::source::Text;

/// What asks for the health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handler {
    /// A command in the container.
    Exec(Vec<Text>),
    /// A request by HTTP.
    Http {
        /// The path, with its query.
        path: Text,
        /// The port.
        port: u16,
        /// The host and port that the request names.
        host: Text,
        /// Whether it is encrypted, the certificate unseen.
        secure: bool,
    },
    /// A connection.
    Tcp(u16),
    /// A request to the health service of gRPC.
    Grpc(u16, Option<Text>),
}

/// A request, and the seconds after which it gives up by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub handler: Handler,
    /// The seconds.
    pub limit: Option<i64>,
}

/// The request that a command is; none when it is more than a request. `own` is the member's name.
#[must_use]
pub fn of_words(words: &[Text], own: &str) -> Option<Request> {
    let (program, arguments) = words.split_first()?;
    match program.rsplit('/').next()? {
        "curl" => curl(arguments, own),
        "wget" => wget(arguments, own),
        "nc" => nc(arguments, own),
        "grpc_health_probe" => grpc(arguments, own),
        _ => None,
    }
}

/// As [`of_words`], of a line for a shell: one command, whose output may be thrown away, with `|| exit 1` behind it.
#[must_use]
pub fn of_line(line: &str, own: &str) -> Option<Request> {
    of_words(&simple(line)?, own)
}

/// The words of a line that is one command without anything that a shell would replace.
fn simple(line: &str) -> Option<Vec<Text>> {
    let tokens = tokens(line)?;
    let mut words = Vec::new();
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match (token.operator, token.text.as_str()) {
            (false, text) => words.push(Text::new(text)),
            (true, ">/dev/null" | "1>/dev/null" | "2>/dev/null" | "&>/dev/null" | "2>&1") => {}
            (true, ">" | "1>" | "2>" | "&>") => {
                tokens.next().filter(|target| target.text == "/dev/null")?;
            }
            (true, "||") => {
                let rest: Vec<&str> = tokens.map(|token| token.text.as_str()).collect();
                return matches!(rest.as_slice(), ["exit", "1"] | ["false"]).then_some(words);
            }
            (true, _) => return None,
        }
    }
    Some(words)
}

/// A word of a line; an operator when a letter of it means something to the shell.
#[derive(Default)]
struct Token {
    text: String,
    operator: bool,
}

fn tokens(line: &str) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open: Option<Token> = None;
    let mut quote: Option<char> = None;
    for letter in line.trim().chars() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some('"') | None, '$' | '`' | '\\') => return None,
            (None, '*' | '{' | '}' | '~' | '#' | '!' | '(' | ')' | ';' | '\n') => return None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                open.get_or_insert_default();
            }
            (None, ' ' | '\t') => tokens.extend(open.take()),
            (_, letter) => {
                let token = open.get_or_insert_default();
                token.text.push(letter);
                token.operator |= quote.is_none() && matches!(letter, '|' | '&' | '<' | '>');
            }
        }
    }
    tokens.extend(open);
    quote.is_none().then_some(tokens)
}

fn curl(arguments: &[Text], own: &str) -> Option<Request> {
    let (mut fails, mut blind, mut limit, mut address) = (false, false, None, None);
    let mut rest = arguments.iter().map(Text::as_str);
    while let Some(word) = rest.next() {
        match word {
            "--fail" => fails = true,
            "--silent" | "--show-error" => {}
            "--insecure" => blind = true,
            "--output" => nowhere(rest.next()?)?,
            "--max-time" => limit = Some(rest.next()?.parse().ok()?),
            _ if word.starts_with("--") => limit = Some(word.strip_prefix("--max-time=")?.parse().ok()?),
            _ if word.len() > 1 && word.starts_with('-') => {
                for (at, flag) in word[1..].char_indices() {
                    let value = &word[1 + at + flag.len_utf8()..];
                    let mut value = || if value.is_empty() { rest.next() } else { Some(value) };
                    match flag {
                        'f' => fails = true,
                        's' | 'S' | 'q' => continue,
                        'k' => blind = true,
                        'o' => {
                            nowhere(value()?)?;
                            break;
                        }
                        'm' => {
                            limit = Some(value()?.parse().ok()?);
                            break;
                        }
                        _ => return None,
                    }
                }
            }
            _ if address.is_none() => address = Some(word),
            _ => return None,
        }
    }
    // Without it, curl is content with any answer.
    fails.then_some(())?;
    http(address?, own, blind, limit)
}

fn wget(arguments: &[Text], own: &str) -> Option<Request> {
    let (mut thrown, mut blind, mut limit, mut address) = (false, false, None, None);
    let mut rest = arguments.iter().map(Text::as_str);
    while let Some(word) = rest.next() {
        match word {
            "--spider" | "-qO-" | "-O-" | "-qO/dev/null" | "-O/dev/null" => thrown = true,
            "--output-document=-" | "--output-document=/dev/null" => thrown = true,
            "-q" | "--quiet" | "-S" | "-nv" | "--no-verbose" | "--tries=1" | "-t1" => {}
            "-t" => (rest.next()? == "1").then_some(())?,
            "--no-check-certificate" => blind = true,
            "-O" | "-qO" => {
                nowhere(rest.next()?)?;
                thrown = true;
            }
            "-T" => limit = Some(rest.next()?.parse().ok()?),
            _ if word.starts_with("-T") => limit = Some(word[2..].parse().ok()?),
            _ if word.starts_with('-') => limit = Some(word.strip_prefix("--timeout=")?.parse().ok()?),
            _ if address.is_none() => address = Some(word),
            _ => return None,
        }
    }
    // A file that is written is more than a request.
    thrown.then_some(())?;
    http(address?, own, blind, limit)
}

fn nowhere(target: &str) -> Option<()> {
    matches!(target, "/dev/null" | "-").then_some(())
}

fn http(address: &str, own: &str, blind: bool, limit: Option<i64>) -> Option<Request> {
    let (secure, rest) = match address.split_once("://") {
        Some(("http", rest)) => (false, rest),
        Some(("https", rest)) => (blind.then_some(true)?, rest),
        Some(_) => return None,
        None => (false, address),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if path.contains(['#', ' ']) || host.contains('@') || limit == Some(0) {
        return None;
    }
    let usual = if secure { 443 } else { 80 };
    let (name, port) = match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0)?),
        None => (host, usual),
    };
    is_own(name, own).then_some(())?;
    let path = if path.starts_with('/') { Text::new(path) } else { Text::from(format!("/{path}")) };
    Some(Request { handler: Handler::Http { path, port, host: host.into(), secure }, limit })
}

fn is_own(host: &str, own: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1" | "0.0.0.0") || host == own
}

fn nc(arguments: &[Text], own: &str) -> Option<Request> {
    let (mut scan, mut limit) = (false, None);
    let mut target = Vec::new();
    let mut rest = arguments.iter().map(Text::as_str);
    while let Some(word) = rest.next() {
        match word {
            "-z" | "-zv" | "-vz" => scan = true,
            "-v" => {}
            "-w" => limit = Some(rest.next()?.parse().ok().filter(|seconds| *seconds > 0)?),
            _ if word.starts_with("-w") => {
                limit = Some(word[2..].parse().ok().filter(|seconds| *seconds > 0)?)
            }
            _ if word.starts_with('-') => return None,
            _ => target.push(word),
        }
    }
    let [host, port] = target.as_slice() else { return None };
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (scan && is_own(host, own)).then_some(Request { handler: Handler::Tcp(port), limit })
}

fn grpc(arguments: &[Text], own: &str) -> Option<Request> {
    let (mut port, mut service) = (None, None);
    for word in arguments {
        let (flag, value) = word.trim_start_matches('-').split_once('=')?;
        match flag {
            "addr" => {
                let (host, number) = value.rsplit_once(':')?;
                (host.is_empty() || is_own(host, own)).then_some(())?;
                port = Some(number.parse().ok().filter(|port| *port != 0)?);
            }
            "service" => service = Some(Text::new(value)),
            _ => return None,
        }
    }
    Some(Request { handler: Handler::Grpc(port?, service), limit: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        match of_line(line, "web") {
            None => "a command".to_owned(),
            Some(Request { handler: Handler::Http { path, port, host, secure }, limit }) => {
                let scheme = if secure { "https" } else { "http" };
                format!(
                    "{scheme} {port} {path} of {host}{}",
                    limit.map_or(String::new(), |limit| format!(" in {limit}"))
                )
            }
            Some(Request { handler: Handler::Tcp(port), .. }) => format!("tcp {port}"),
            Some(Request { handler: Handler::Grpc(port, _), .. }) => format!("grpc {port}"),
            Some(Request { handler: Handler::Exec(_), .. }) => "exec".to_owned(),
        }
    }

    #[test]
    fn plain_requests_of_the_own_address_are_recognised() {
        let lines = [
            ("curl -f http://localhost:8080/health", "http 8080 /health of localhost:8080"),
            ("curl -fsS -o /dev/null http://127.0.0.1/ || exit 1", "http 80 / of 127.0.0.1"),
            (
                "curl --fail --max-time 3 'http://web:80/a?b=1' > /dev/null 2>&1",
                "http 80 /a?b=1 of web:80 in 3",
            ),
            ("curl -fk https://localhost", "https 443 / of localhost"),
            ("curl -fsm 2 localhost:9", "http 9 / of localhost:9 in 2"),
            ("wget -qO- http://[::1]:8/x || false", "http 8 /x of [::1]:8"),
            (
                "wget --no-verbose --tries=1 --spider http://localhost:3000 || exit 1",
                "http 3000 / of localhost:3000",
            ),
            ("nc -z localhost 5432", "tcp 5432"),
            ("/bin/grpc_health_probe -addr=:50051", "grpc 50051"),
        ];
        for (line, request) in lines {
            assert_eq!(said(line), request, "{line}");
        }
    }

    #[test]
    fn everything_that_could_differ_stays_a_command() {
        let lines = [
            "curl http://localhost:8080/health",
            "curl -f https://localhost/",
            "curl -fL http://localhost/",
            "curl -f -u a:b http://localhost/",
            "curl -f http://a:b@localhost/",
            "curl -f http://db/",
            "curl -f http://localhost:$PORT/",
            "curl -f http://localhost/ | grep ok",
            "curl -f http://localhost/ && true",
            "curl -f http://localhost/ || exit 0",
            "curl -f http://localhost/ http://localhost/b",
            "curl -f -X POST http://localhost/",
            "curl -f http://localhost:0/",
            "curl -f 'http://localhost/",
            "wget http://localhost/",
            "wget -q -O /tmp/x http://localhost/",
            "nc localhost 1",
            "nc -z db 1",
            "grpc_health_probe -addr=:1 -tls",
            "curl",
            "curl -",
            "",
        ];
        for line in lines {
            assert_eq!(said(line), "a command", "{line}");
        }
    }
}
