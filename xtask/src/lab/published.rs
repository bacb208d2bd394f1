//! The ports that a project publishes, called from the machine: on the host of Docker, and on a Service of the cluster.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::{Map, Value};

/// How long an answer may take, and how often somebody asks: rules of networks take a moment to be everywhere.
const PATIENCE: Duration = Duration::from_millis(1500);
const QUESTIONS: usize = 4;

/// A published port: its number outside, and its protocol.
pub(super) type Door = (u16, String);

/// The doors of a service of the resolved project, each with the address of the host on which it is.
pub(super) fn doors(service: &Value) -> Vec<(Door, Ipv4Addr)> {
    let ports = service["ports"].as_array().into_iter().flatten();
    ports
        .filter_map(|port| {
            let number = port["published"].as_str()?.parse().ok()?;
            let protocol = port["protocol"].as_str().unwrap_or("tcp").to_owned();
            let host = port["host_ip"].as_str().and_then(|address| address.parse().ok());
            let host = host.filter(|address: &Ipv4Addr| !address.is_unspecified());
            Some(((number, protocol), host.unwrap_or(Ipv4Addr::LOCALHOST)))
        })
        .collect()
}

/// Who answers at each door; `address` knows where it is.
pub(super) fn answers(service: &Value, address: impl Fn(&Door, Ipv4Addr) -> Option<Ipv4Addr>) -> Value {
    let answer = |(door, host): (Door, Ipv4Addr)| {
        let said = match address(&door, host) {
            Some(address) => insist(address, &door),
            None => "no door".to_owned(),
        };
        (format!("{}/{}", door.0, door.1), Value::from(said))
    };
    Value::Object(doors(service).into_iter().map(answer).collect::<Map<_, _>>())
}

fn insist(address: Ipv4Addr, door: &Door) -> String {
    for _ in 0..QUESTIONS {
        match ask(address, door) {
            Ok(reply) if !reply.trim().is_empty() => return reply.trim().to_owned(),
            _ => std::thread::sleep(PATIENCE / 3),
        }
    }
    "nobody".to_owned()
}

fn ask(address: Ipv4Addr, (port, protocol): &Door) -> std::io::Result<String> {
    let place = SocketAddr::from((address, *port));
    let mut reply = Vec::new();
    if protocol == "udp" {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.connect(place)?;
        socket.send(b"who\n")?;
        reply.resize(4096, 0);
        let length = socket.recv(&mut reply)?;
        reply.truncate(length);
    } else {
        let mut stream = TcpStream::connect_timeout(&place, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"who\n")?;
        // A peer that does not close has answered all the same.
        let _ = stream.take(4096).read_to_end(&mut reply);
    }
    Ok(String::from_utf8_lossy(&reply).into_owned())
}
