//! What stands behind a volume: a claim, somebody else's claim, a server, memory, or a path of the host.

use super::options::Options;
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::compose::units::Bytes;
use crate::compose::volume::Volume;
use crate::source::Text;
use crate::source::span::Spanned;

/// What stands behind a volume.
#[derive(Clone, Debug, PartialEq)]
pub enum Backing<'p> {
    /// A claim of a storage class.
    Claim,
    /// A claim that somebody else makes.
    External(&'p Spanned<bool>),
    /// A folder of an NFS server.
    Server(Export),
    /// A path of the host.
    Bind(&'p Spanned<Loose>),
    /// Memory, with its size.
    Memory(Option<Bytes>),
    /// Nothing that a cluster has: the driver.
    Driver(&'p Spanned<Text>),
    /// Nothing that a cluster has: an option.
    Option(Text, &'p Spanned<Loose>),
}

/// A folder of an NFS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The server.
    pub server: String,
    /// The folder.
    pub path: String,
    /// Options of the mount.
    pub options: Vec<String>,
}

/// What stands behind a volume.
#[must_use]
pub fn of<'p>(volume: &'p Volume, name: &str, options: &Options) -> Backing<'p> {
    if let Some(external) = volume.external.as_ref().filter(|external| external.value) {
        return Backing::External(external);
    }
    let driver = volume.driver.as_ref().filter(|driver| !matches!(driver.value.as_str(), "" | "local"));
    let mapped = |name: &str| options.storage_class_map.contains_key(name);
    if mapped(name) || driver.is_some_and(|driver| mapped(&driver.value)) {
        return Backing::Claim;
    }
    if let Some(driver) = driver {
        return Backing::Driver(driver);
    }
    let option = |name: &str| volume.driver_opts.as_ref().and_then(|options| options.value.get(name));
    let text = |name: &str| option(name).map_or("", |option| option.value.0.as_str());
    let flags: Vec<&str> = text("o").split(',').map(str::trim).filter(|flag| !flag.is_empty()).collect();
    let kind = text("type");
    if let Some(device) =
        option("device").filter(|_| flags.iter().any(|flag| ["bind", "rbind"].contains(flag)))
    {
        return Backing::Bind(device);
    }
    if kind == "tmpfs" {
        let size = flags.iter().find_map(|flag| flag.strip_prefix("size="));
        return Backing::Memory(size.and_then(|size| Bytes::parse(size).ok()));
    }
    if matches!(kind, "nfs" | "nfs4")
        && let Some(export) = export(text("device"), &flags, kind)
    {
        return Backing::Server(export);
    }
    let foreign = entries(&volume.driver_opts).find(|(key, _)| *key != "size");
    foreign.map_or(Backing::Claim, |(key, option)| Backing::Option(key.clone(), option))
}

fn export(device: &str, flags: &[&str], kind: &str) -> Option<Export> {
    let (host, path) = device.split_once(':').unwrap_or(("", device));
    let address = flags.iter().find_map(|flag| flag.strip_prefix("addr="));
    let server = address.unwrap_or(host);
    if server.is_empty() || !path.starts_with('/') {
        return None;
    }
    let own = |flag: &&&str| !flag.starts_with("addr=") && !matches!(**flag, "rw" | "ro");
    let mut options: Vec<String> = flags.iter().filter(own).map(|flag| (*flag).to_owned()).collect();
    if kind == "nfs4"
        && !options.iter().any(|option| option.starts_with("nfsvers=") || option.starts_with("vers="))
    {
        options.push("nfsvers=4".to_owned());
    }
    Some(Export { server: server.to_owned(), path: path.to_owned(), options })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_the_option_or_by_the_device() {
        let named = export(":/srv", &["addr=10.0.0.9", "rw", "soft"], "nfs").expect("it is complete");
        assert_eq!((named.server.as_str(), named.path.as_str()), ("10.0.0.9", "/srv"));
        assert_eq!(named.options, ["soft"]);
        let other = export("files:/srv", &[], "nfs4").expect("it is complete");
        assert_eq!(
            (other.server.as_str(), other.options.as_slice()),
            ("files", &["nfsvers=4".to_owned()][..])
        );
        assert_eq!(export("/srv", &[], "nfs"), None);
    }
}
