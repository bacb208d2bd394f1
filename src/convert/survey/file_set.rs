//! The files at a path of the project, as an object of the cluster can hold them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::diag::sensitive;
use crate::k8s::data_key;
use crate::source::reader::{Failure, Kind, Reader};

/// The most files of one mount.
const FILES: usize = 1000;

/// The deepest folder below a mount.
const DEPTH: usize = 24;

/// Files that only keep a folder in version control.
const KEEPERS: [&str; 4] = [".gitkeep", ".keep", ".gitignore", ".DS_Store"];

/// What stands at the head of every private key in PEM, whatever its kind.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A folder in which nothing is.
    Empty,
    /// A file.
    File(HeldFile),
    /// A folder with files.
    Folder(Vec<HeldFile>),
    /// More than an object can hold; in words, how.
    TooLarge(String),
    /// Something that cannot be read; in words, why.
    Unreadable(String),
    /// A socket, a pipe or a device.
    Special,
}

/// A file and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// Its path below the mount; of a single file its name.
    pub path: String,
    /// Its key in the object.
    pub key: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether somebody may run it.
    pub executable: bool,
    /// Whether its name or its content is that of a secret.
    pub sensitive: bool,
}

/// Looks at a path and reads what is there, as far as one object can hold it.
#[must_use]
pub fn look(reader: &dyn Reader, path: &Path) -> Found {
    match reader.kind(path) {
        Kind::Missing => Found::Missing,
        Kind::Other => match reader.read(path) {
            Err(Failure::Refused(words)) => Found::Unreadable(words),
            _ => Found::Special,
        },
        Kind::File => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let mut gathered = Gathered { reader, files: Vec::new(), bytes: 0, way: Vec::new() };
            match gathered.file(path, name) {
                Err(stop) => stop,
                Ok(()) => gathered.files.pop().map_or(Found::Missing, Found::File),
            }
        }
        Kind::Folder => {
            let mut gathered = Gathered { reader, files: Vec::new(), bytes: 0, way: Vec::new() };
            match gathered.folder(path, "") {
                Err(stop) => stop,
                Ok(()) if gathered.files.is_empty() => Found::Empty,
                Ok(()) => Found::Folder(gathered.files),
            }
        }
    }
}

/// The files so far.
struct Gathered<'r> {
    reader: &'r dyn Reader,
    files: Vec<HeldFile>,
    bytes: usize,
    /// The real folders on the way, so that a link to one of them does not lead in a circle.
    way: Vec<PathBuf>,
}

impl Gathered<'_> {
    fn folder(&mut self, folder: &Path, below: &str) -> Result<(), Found> {
        let Some(real) = self.reader.canonical(folder) else { return Ok(()) };
        if self.way.contains(&real) {
            return Err(Found::Unreadable(format!("`{below}` is a symbolic link to a folder that it is in")));
        }
        if self.way.len() == DEPTH {
            return Err(Found::TooLarge(format!("folders nested deeper than {DEPTH}")));
        }
        self.way.push(real);
        for path in self.reader.list(folder).map_err(unreadable)? {
            let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { continue };
            let inner = if below.is_empty() { name.to_string() } else { format!("{below}/{name}") };
            match self.reader.kind(&path) {
                Kind::Folder => self.folder(&path, &inner)?,
                Kind::File if KEEPERS.contains(&name.as_ref()) => {}
                Kind::File => self.file(&path, inner)?,
                // A link to nothing, a socket, a pipe: no object holds one.
                Kind::Missing | Kind::Other => {}
            }
        }
        self.way.pop();
        Ok(())
    }

    fn file(&mut self, path: &Path, inner: String) -> Result<(), Found> {
        if self.files.len() == FILES {
            return Err(Found::TooLarge(format!("more than {FILES} files")));
        }
        let bytes = self.reader.read(path).map_err(unreadable)?;
        self.bytes += bytes.len();
        if self.bytes > data_key::LIMIT {
            return Err(Found::TooLarge("more than 1 MiB".to_owned()));
        }
        let sensitive = is_sensitive(&inner, &bytes);
        let key = data_key::of_path(&inner);
        let executable = self.reader.is_executable(path);
        self.files.push(HeldFile { path: inner, key, bytes, executable, sensitive });
        Ok(())
    }
}

fn unreadable(failure: Failure) -> Found {
    match failure {
        Failure::TooLarge(limit) => Found::TooLarge(format!("more than {} MiB", limit >> 20)),
        Failure::Missing | Failure::NotAFile | Failure::LeavesProject | Failure::Refused(_) => {
            Found::Unreadable(failure.to_string())
        }
    }
}

/// Ends of the names of files that hold private keys.
const OF_KEYS: [&str; 9] = ["key", "p12", "pfx", "p8", "pk8", "ppk", "jks", "keystore", "kdbx"];

/// Files that are secrets, by their whole names.
const KNOWN: [&str; 10] = [
    "id_rsa",
    "id_dsa",
    "id_ed25519",
    "id_ed25519_sk",
    "id_ecdsa",
    "id_ecdsa_sk",
    ".htpasswd",
    ".pgpass",
    ".netrc",
    ".dockerconfigjson",
];

/// Whether a file is a secret, by its name or by what is in it.
#[must_use]
pub fn is_sensitive(path: &str, bytes: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    let text = String::from_utf8_lossy(bytes);
    OF_KEYS.contains(&extension)
        || KNOWN.contains(&name.as_str())
        // The name tells no key from a certificate, and one file may hold both: only the content says that it is public.
        || extension == "pem" && !text.contains("-----BEGIN ")
        || ["", "der"].contains(&extension) && is_key_name(stem)
        || sensitive::is_sensitive(stem)
        || text.contains(PRIVATE_KEY)
        || matches!(text, Cow::Borrowed(text) if sensitive::settings::hold_secret(text))
}

/// Whether a name without its end says that the file is a key, and not a public one: `ssh_host_rsa_key`.
fn is_key_name(stem: &str) -> bool {
    let words: Vec<&str> = stem.split(['-', '_', '.']).collect();
    matches!(words.last(), Some(&("key" | "privkey")))
        && !words.iter().any(|word| ["pub", "public"].contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::reader::Memory;

    fn memory(files: &[(&str, &[u8])]) -> Memory {
        Memory(files.iter().map(|(path, bytes)| (PathBuf::from(path), bytes.to_vec())).collect())
    }

    #[test]
    fn a_folder_is_read_with_its_folders() {
        let memory =
            memory(&[("/p/conf/a.conf", b"a"), ("/p/conf/d/b c", b"\xff"), ("/p/conf/.gitkeep", b"")]);
        let Found::Folder(files) = look(&memory, Path::new("/p/conf")) else { panic!("it is a folder") };
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a.conf", "d/b c"]);
        assert!(files.iter().all(|file| data_key::is_key(&file.key) && !file.sensitive));
        assert_eq!(look(&memory, Path::new("/p/other")), Found::Missing);
    }

    #[test]
    fn an_object_holds_no_more_than_its_limit() {
        let big = vec![b'a'; data_key::LIMIT + 1];
        let exact = &big[1..];
        let memory = memory(&[("/p/big", &big), ("/p/exact", exact), ("/p/keep/.gitkeep", b"")]);
        assert_eq!(look(&memory, Path::new("/p/big")), Found::TooLarge("more than 1 MiB".to_owned()));
        assert!(matches!(look(&memory, Path::new("/p/exact")), Found::File(_)));
        assert_eq!(look(&memory, Path::new("/p/keep")), Found::Empty);
    }

    #[test]
    fn secrets_are_known_by_name_and_by_content() {
        for (name, text) in [
            ("tls.key", ""),
            ("certs/privkey.pem", ""),
            ("server.pem", "to be filled"),
            ("ssh_host_rsa_key", ""),
            ("key.der", "\u{1}"),
            ("id_dsa", ""),
            ("db_password.txt", "x"),
            ("app.ini", "[db]\npassword = hunter2\n"),
            ("x", "-----BEGIN RSA PRIVATE KEY-----\n"),
        ] {
            assert!(is_sensitive(name, text.as_bytes()), "{name}");
        }
        for (name, text) in [
            ("nginx.conf", "listen 80;\n"),
            ("app.ini", "# password = hunter2\npassword = ${PASSWORD}\n"),
            ("chain.pem", "-----BEGIN CERTIFICATE-----\n"),
            ("server.crt", ""),
            ("id_rsa.pub", "ssh-rsa AAAA"),
            ("public_key", ""),
            ("monkey", ""),
        ] {
            assert!(!is_sensitive(name, text.as_bytes()), "{name}");
        }
        assert!(
            is_sensitive("x", b"\xe9\n-----BEGIN EC PRIVATE KEY-----\n"),
            "bytes that are no text around a key"
        );
    }
}
