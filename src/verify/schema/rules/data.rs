//! ConfigMaps and Secrets.

use super::syntax::is_config_key;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// All values of an object together.
const MOST: usize = 1 << 20;

/// Checks a ConfigMap.
pub(super) fn config_map(problems: &mut Problems, object: &Cursor) {
    keys(problems, object, &["data", "binaryData"]);
    let data = object.get("data");
    for (key, value) in object.get("binaryData").iter().flat_map(Cursor::entries) {
        if data.as_ref().is_some_and(|data| data.has(key)) {
            problems.at(&value, "the key is in `data` too");
        }
    }
}

/// Checks a Secret; what it holds is not looked at.
pub(super) fn secret(problems: &mut Problems, object: &Cursor) {
    keys(problems, object, &["data", "stringData"]);
    let needs: &[&str] = match object.text("type") {
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        _ => &[],
    };
    for key in needs {
        let is_there =
            ["data", "stringData"].iter().any(|map| object.get(map).is_some_and(|map| map.has(key)));
        if !is_there {
            problems.below(object, "data", format!("a Secret of this type needs the key `{key}`"));
        }
    }
}

fn keys(problems: &mut Problems, object: &Cursor, maps: &[&str]) {
    let mut size = 0;
    for map in maps {
        for (key, value) in object.get(map).iter().flat_map(Cursor::entries) {
            if !is_config_key(key) {
                problems.at(
                    &value,
                    "the key must be at most 253 letters, digits, `-`, `_` and `.`, and no `..` at its start",
                );
            }
            let length = value.value.as_str().map_or(0, str::len);
            // Three bytes become four letters of base64.
            size += if matches!(*map, "binaryData") || (*map == "data" && maps.contains(&"stringData")) {
                length / 4 * 3
            } else {
                length
            };
        }
    }
    if size > MOST {
        problems.below(object, maps[0], format!("all together have {size} bytes; {MOST} are allowed"));
    }
}
