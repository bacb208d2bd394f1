//! A server beyond all networks of a project: whoever has a way out reaches it.

use std::io::Write;
use std::net::TcpListener;

use super::tool::must;

/// Where it listens: an address that documentation uses, which the lab gives itself.
pub(super) const OUTSIDE: &str = "192.0.2.1:7/tcp";

/// Serves for as long as the lab runs.
pub(super) fn serve() -> Result<(), String> {
    let place = OUTSIDE.trim_end_matches("/tcp");
    let address = place.split(':').next().unwrap_or_default();
    must("ip", &["addr", "add", &format!("{address}/32"), "dev", "lo"])?;
    let listener = TcpListener::bind(place).map_err(|error| format!("{OUTSIDE}: {error}"))?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who hangs up has heard enough.
            let _ = (&stream).write_all(b"the outside\n");
        }
    });
    Ok(())
}
