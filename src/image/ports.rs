//! Ports of an image, as EXPOSE and an image's configuration write them.

use crate::compose::image_facts::{ExposedPorts, Protocol};

/// Reads `80`, `80/udp`, `8000-8010/tcp`; what stands before a colon is passed over, as Docker does.
pub(super) fn read(text: &str) -> Result<ExposedPorts, String> {
    let wrong =
        || format!("`{text}` is no port; write a number or a range, as in `80`, `53/udp` or `8000-8010`");
    let port = text.rsplit(':').next().unwrap_or(text);
    let (range, protocol) = port.split_once('/').unwrap_or((port, ""));
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "" | "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return Err(wrong()),
    };
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(wrong());
    }
    Ok(ExposedPorts { first, last, protocol })
}
