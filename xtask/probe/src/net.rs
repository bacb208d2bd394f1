//! One connection: does somebody answer, and who?

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Sends `words` and returns what comes back until the peer closes.
pub(crate) fn ask_tcp(address: Ipv4Addr, port: u16, words: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((address, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(words.as_bytes())?;
    let mut reply = Vec::new();
    // A peer that does not close has answered all the same.
    let _ = stream.take(65_536).read_to_end(&mut reply);
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// One datagram there, one back.
pub(crate) fn ask_udp(address: Ipv4Addr, port: u16, words: &[u8]) -> std::io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect((address, port))?;
    socket.send(words)?;
    let mut reply = vec![0u8; 4096];
    let length = socket.recv(&mut reply)?;
    reply.truncate(length);
    Ok(reply)
}
