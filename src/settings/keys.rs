//! The keys of `transship.toml`: what each is called, what it holds, and what it does. The reader, the schema for
//! editors and the guide follow from this table.

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether its table is nothing without it.
    pub required: bool,
    /// What it does: one line for whoever writes it.
    pub says: &'static str,
}

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A table whose keys anybody may choose, with texts as values.
    Pairs,
    /// A table from rules to these words.
    Rules(&'static [&'static str]),
    /// The name of a rule.
    Rule,
    /// A table.
    Table(&'static [Key]),
    /// A list of tables.
    Tables(&'static [Key]),
}

/// The postures.
const POSTURES: &[&str] = &["faithful", "restricted", "production"];
/// What the configuration can make of a rule.
const LEVELS: &[&str] = &["error", "warning", "note", "off"];

/// The keys at the top.
pub const TOP: &[Key] = &[
    key("posture", Shape::Word(POSTURES), "how strict the output has to be"),
    key("kube-version", Shape::Text, "the version of Kubernetes that is written for, as \"1.34\""),
    key("exclude", Shape::Texts, "services that are left out on purpose"),
    key("exclude-paths", Shape::Texts, "what is passed over when a folder is searched for Compose files"),
    key("trusted-registries", Shape::Texts, "registries whose images need no further proof"),
    key("rules", Shape::Rules(LEVELS), "the levels of rules"),
    key(
        "allow",
        Shape::Tables(ALLOW),
        "findings that somebody answers for: they are listed, and do not count",
    ),
    key("convert", Shape::Table(CONVERT), "the flags of a conversion; what the command line says wins"),
    key("overrides", Shape::Tables(OVERRIDES), "what is different for some projects; the later one wins"),
];

const ALLOW: &[Key] = &[
    must("rule", Shape::Rule, "the rule"),
    key(
        "path",
        Shape::Text,
        "the value that it is allowed for, with all below it: \"services.*.network_mode\"",
    ),
    key("service", Shape::Text, "the service that it is allowed for"),
    key("reason", Shape::Text, "why"),
    key("until", Shape::Text, "the last day on which it is allowed, as \"2027-01-31\""),
];

const CONVERT: &[Key] = &[
    key("to", Shape::Word(&["manifests", "kustomize", "helm"]), "what the objects are written as"),
    key(
        "overlays",
        Shape::Pairs,
        "Compose files on top, seen from here, by the overlay: \"compose.prod.yaml\"",
    ),
    key("components", Shape::Pairs, "profiles, by the component: \"profile:debug\""),
    key("image-map", Shape::Pairs, "other names for images, by the old name"),
    key("registry", Shape::Text, "where the images that are built here are found"),
    key("user-map", Shape::Pairs, "the numbers of users, by service: \"1000:1000\""),
    key("storage-class-map", Shape::Pairs, "storage classes, by volume or by driver"),
    key(
        "secrets",
        Shape::Word(&["reference", "inline", "external", "vso", "sealed"]),
        "what becomes of secret values",
    ),
    key(
        "secret-store",
        Shape::Text,
        "where secret values are kept: the name of a store, or \"aws=REGION\", \"gcp=PROJECT\", \"vault=ADDRESS\"",
    ),
    key(
        "expose",
        Shape::Word(&["none", "loadbalancer", "nodeport", "ingress", "gateway"]),
        "how published ports are reached",
    ),
    key(
        "host",
        Shape::Texts,
        "the hosts of routes: \"*.example.com\" for all, \"web=shop.example.com\" for one",
    ),
    key("ingress-class", Shape::Text, "the class of Ingresses"),
    key("gateway", Shape::Text, "the Gateway of HTTPRoutes, as \"NAMESPACE/NAME:LISTENER\""),
    key("tls-secret", Shape::Text, "the Secret with the certificate of the routes"),
    key(
        "cert-issuer",
        Shape::Text,
        "cert-manager's issuer of certificates, as \"letsencrypt\" or \"Issuer/own\"",
    ),
    key("ingress-namespace", Shape::Text, "the namespace from which alone policies let routed requests in"),
    key("network-policy", Shape::Word(&["none", "isolate", "strict"]), "which network policies are written"),
    key("image-metadata", Shape::Texts, "files that `docker image inspect` has written, seen from here"),
    key("keep-unused", Shape::Flag, "whether what nobody uses is written too"),
    key("wait-image", Shape::Text, "the image of the containers that wait for others"),
    key("strict", Shape::Flag, "whether nothing is written unless everything converts"),
];

const OVERRIDES: &[Key] = &[
    must("paths", Shape::Texts, "the Compose files of the projects, seen from here: \"legacy/**\""),
    key("posture", Shape::Word(POSTURES), "how strict the output has to be"),
    key("rules", Shape::Rules(LEVELS), "the levels of rules"),
    key("exclude", Shape::Texts, "further services that are left out on purpose"),
];

const fn key(name: &'static str, shape: Shape, says: &'static str) -> Key {
    Key { name, shape, required: false, says }
}

const fn must(name: &'static str, shape: Shape, says: &'static str) -> Key {
    Key { name, shape, required: true, says }
}
