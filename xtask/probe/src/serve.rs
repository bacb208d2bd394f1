//! The server: who answers on which port.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::{Map, Value, json};

/// Opens the ports, answers on them from threads, and says which could be opened.
pub(crate) fn start(ports: &[String]) -> Value {
    let mut served = Map::new();
    for port in ports {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        let Ok(number) = number.parse::<u16>() else { continue };
        let opened = if protocol == "udp" { udp(number) } else { tcp(number) };
        let word = opened.map_or_else(|error| format!("{:?}", error.kind()), |()| "open".to_owned());
        served.insert(port.clone(), json!(word));
    }
    Value::Object(served)
}

/// Who answers: names of containers are told apart by the runner.
pub(crate) fn who() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("probe {}", name.trim())
}

fn tcp(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    Ok(())
}

/// HTTP for who speaks it, one line for everybody else.
fn answer(mut stream: TcpStream) {
    let patience = Some(Duration::from_secs(1));
    if stream.set_read_timeout(patience).is_err() {
        return;
    }
    let mut start = [0u8; 1024];
    let length = stream.read(&mut start).unwrap_or(0);
    let request = String::from_utf8_lossy(&start[..length]).into_owned();
    let body = format!("{}\n", who());
    let mut words = request.split_whitespace();
    let reply = match (words.next(), words.next()) {
        (Some("GET" | "HEAD" | "POST"), Some(path)) => {
            let status = if sick(path) { "503 Service Unavailable" } else { "200 OK" };
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        }
        (Some("PING"), _) => "+PONG\r\n".to_owned(),
        _ => body,
    };
    // Whoever has gone does not need the answer.
    let _ = stream.write_all(reply.as_bytes());
}

/// `/sick` never is well, and nothing is while somebody has left the file there.
fn sick(path: &str) -> bool {
    path.starts_with("/sick") || std::path::Path::new("/tmp/sick").exists()
}

fn udp(port: u16) -> std::io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?;
    std::thread::spawn(move || {
        let mut start = [0u8; 512];
        while let Ok((_, sender)) = socket.recv_from(&mut start) {
            let _ = socket.send_to(format!("{}\n", who()).as_bytes(), sender);
        }
    });
    Ok(())
}
