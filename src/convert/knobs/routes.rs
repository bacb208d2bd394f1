//! What a cluster decides of the ways in: hosts, classes, gateways, certificates.

use super::{Desk, Draft};
use crate::k8s::kind::Kind;
use crate::plan::address;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::{Fill, Shape};
use crate::plan::object::Object;
use crate::source::Text;

/// Finds what can be chosen of the ways in.
pub fn find(desk: &mut Desk<'_, '_>, object: &Object) {
    let group = match object.id.kind {
        Kind::Ingress => "ingress",
        Kind::HTTPRoute => "route",
        Kind::Certificate => "certificate",
        _ => return,
    };
    let owner = object.folder.as_deref().and_then(|folder| desk.names.member(folder));
    let Some(key) = owner.map(|(key, _)| key.clone()) else { return };
    // A second one of the same service, which labels can ask for, has its own name.
    let rest = object.folder.as_deref().and_then(|folder| object.id.name.strip_prefix(folder)).unwrap_or("");
    let group = super::names::camel(&format!("{group}{rest}"));
    let mut desk = Way { desk, object, path: [key, group.into()] };
    match object.id.kind {
        Kind::Ingress => desk.ingress(),
        Kind::HTTPRoute => {
            desk.whole("hostnames", "spec.hostnames", Shape::List, "The hosts that lead here");
            desk.whole(
                "parentRefs",
                "spec.parentRefs",
                Shape::List,
                "The Gateways through which requests come",
            );
            desk.also("annotations", "metadata.annotations", Shape::Map, "Annotations of the route");
        }
        _ => {
            desk.whole("dnsNames", "spec.dnsNames", Shape::List, "The names that the certificate holds");
            desk.whole("issuerRef", "spec.issuerRef", Shape::Map, "Who issues the certificate");
            desk.whole(
                "secretName",
                "spec.secretName",
                Shape::Text,
                "The Secret in which the certificate is kept",
            );
        }
    }
}

/// One way in.
struct Way<'w, 'd, 'p> {
    desk: &'w mut Desk<'d, 'p>,
    object: &'w Object,
    path: [Text; 2],
}

impl Way<'_, '_, '_> {
    fn ingress(&mut self) {
        self.whole(
            "className",
            "spec.ingressClassName",
            Shape::Text,
            "The class of the Ingress; empty for that of the cluster",
        );
        self.also(
            "annotations",
            "metadata.annotations",
            Shape::Map,
            "Annotations of the Ingress, such as that of cert-manager",
        );
        let mut hosts: Vec<(String, Leaf)> = Vec::new();
        let mut secrets: Vec<(String, Leaf)> = Vec::new();
        let mut issuers: Vec<(String, Leaf)> = Vec::new();
        address::each(&self.object.body, &mut |path, leaf| {
            let is_host = path.starts_with("spec.rules[") && path.ends_with("].host")
                || path.starts_with("spec.tls[") && path.contains(".hosts[");
            if is_host {
                hosts.push((path.to_owned(), leaf.clone()));
            } else if path.starts_with("spec.tls[") && path.ends_with(".secretName") {
                secrets.push((path.to_owned(), leaf.clone()));
            } else if path.starts_with("metadata.annotations[\"cert-manager.io/") {
                issuers.push((path.to_owned(), leaf.clone()));
            }
        });
        let is_one =
            |leaves: &[(String, Leaf)]| leaves.iter().all(|(_, leaf)| leaf.value == leaves[0].1.value);
        if is_one(&hosts) {
            self.each("host", &hosts, "The host that leads here");
        }
        self.each("issuer", &issuers, "Who issues the certificate, by cert-manager");
        if is_one(&secrets) {
            self.each("tlsSecret", &secrets, "The Secret that holds the certificate");
        }
        if secrets.is_empty() {
            self.also(
                "tls",
                "spec.tls",
                Shape::List,
                "Hosts with a certificate, as `- {hosts: […], secretName: …}`",
            );
        }
    }

    /// A choice that feeds several fields alike.
    fn each(&mut self, name: &str, leaves: &[(String, Leaf)], help: &str) {
        for (path, leaf) in leaves {
            if !matches!(leaf.value, Scalar::Text(_)) {
                continue;
            }
            let place = self.desk.place(&leaf.why);
            let knob = self.desk.knob(&[&self.path[0], &self.path[1], name], || {
                Draft::new(Shape::Text, Field::Leaf(leaf.clone()), help).at(place)
            });
            self.desk.fill(self.object, path.as_str(), Fill::Whole(knob));
        }
    }

    /// A field that is what is chosen.
    fn whole(&mut self, name: &str, at: &str, shape: Shape, help: &str) {
        let keys: Vec<&str> = at.split('.').collect();
        let field = self.object.body.at(&keys);
        let place = field.and_then(|field| self.desk.place_in(field));
        let knob = self.desk.knob(&[&self.path[0], &self.path[1], name], || match field {
            Some(field) => Draft::new(shape, field.clone(), help).at(place),
            None => Draft::open(shape, help),
        });
        self.desk.fill(self.object, at, Fill::Whole(knob));
    }

    /// What is chosen beside what is there.
    fn also(&mut self, name: &str, at: &str, shape: Shape, help: &str) {
        let knob = self.desk.knob(&[&self.path[0], &self.path[1], name], || Draft::open(shape, help));
        self.desk.fill(self.object, at, Fill::Also(knob));
    }
}
