//! Who is attached to what, and what Docker lets them reach.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use crate::compose::network::Network;
use crate::compose::project::entries;
use crate::convert::Input;
use crate::convert::hint::{self, Hint};
use crate::convert::member::Member;
use crate::k8s::{label, name};
use crate::source::Text;
use crate::source::span::Identity;

/// Who is attached to what.
#[derive(Debug, Default)]
pub struct Reach {
    /// The networks, by the word that stands for each in labels.
    pub networks: BTreeMap<Text, Net>,
    /// How each member stands; one that shares the network of another has an entry of its own.
    pub stands: BTreeMap<Text, Stand>,
    /// The word of each network that the project declares.
    pub words: BTreeMap<Text, Text>,
    /// Networks whose word is that of an earlier one.
    pub clashes: Vec<Text>,
}

/// A network.
#[derive(Clone, Debug, Default)]
pub struct Net {
    /// Its name in the project; none of one that only `network_mode` names.
    pub key: Option<Text>,
    /// Whether containers of other projects may be on it.
    pub external: bool,
    /// Whether its members reach each other.
    pub peers: bool,
    /// Whether its members reach the outside.
    pub open: bool,
    /// Whether it is the network of the host.
    pub host: bool,
    /// Whether the engine publishes ports on it: not on one that is internal.
    pub routed: bool,
    /// The members whose pods are attached, in the order of the files.
    pub members: Vec<Text>,
    /// The address at which its published ports listen, when it says so.
    pub binding: Option<Text>,
}

/// How a member stands in the networks.
#[derive(Clone, Debug)]
pub struct Stand {
    /// How its network is made.
    pub mode: Mode,
    /// The words of its networks, in order.
    pub networks: Vec<Text>,
    /// Whether it reaches the outside.
    pub open: bool,
    /// The hint that says so, when it is a hint.
    pub hint: Option<Identity>,
}

/// How the network of a container is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is attached to networks.
    Attached,
    /// It has none.
    None,
    /// It is on the engine's own bridge, where no name resolves.
    Bridge,
    /// It is that of the host.
    Host,
    /// It is that of another service.
    Shared(Text),
    /// It is that of a container outside the project.
    Foreign,
}

/// How a `network_mode` is made; of a name, it is a network.
#[must_use]
pub fn mode(word: &str) -> Mode {
    match word {
        "none" => Mode::None,
        "bridge" | "default" => Mode::Bridge,
        "host" => Mode::Host,
        _ => match word.split_once(':') {
            Some(("service", name)) => Mode::Shared(name.into()),
            Some(("container", _)) => Mode::Foreign,
            Some(_) | None => Mode::Attached,
        },
    }
}

impl Reach {
    /// Looks at all members.
    #[must_use]
    pub fn of(input: &Input<'_>, members: &[Member<'_>]) -> Self {
        let mut reach = Self::default();
        for (key, network) in entries(&input.project.model.networks) {
            reach.network(key, &network.value);
        }
        for member in members {
            let stand = reach.stand(member);
            let attached = stand.mode == Mode::Attached;
            for word in stand.networks.iter().filter(|_| attached) {
                if let Some(net) = reach.networks.get_mut(word) {
                    net.members.push(member.name.clone());
                }
            }
            reach.stands.insert(member.name.clone(), stand);
        }
        reach.join(members);
        reach
    }

    fn network(&mut self, key: &Text, network: &Network) {
        let external = network.external.as_ref().is_some_and(|external| external.value);
        let named = network.name.as_ref().filter(|_| external).map_or(key, |name| &name.value);
        let word = word(named);
        self.words.insert(key.clone(), word.clone());
        let driver = network.driver.as_ref().map_or("", |driver| driver.value.as_str());
        let option = |ending: &str| {
            let options = entries(&network.driver_opts);
            let mut found = options.filter(|(name, _)| name.rsplit('.').next() == Some(ending));
            found.next().map(|(_, value)| value.value.0.clone())
        };
        let off = |ending: &str| option(ending).is_some_and(|value| value == "false");
        let isolated = option("gateway_mode_ipv4").is_some_and(|mode| mode == "isolated");
        let internal = network.internal.as_ref().is_some_and(|internal| internal.value);
        let denied = hint::find(&network.extensions, "egress").is_some_and(|hint| hint.says("deny"));
        let net = Net {
            key: Some(key.clone()),
            external,
            peers: driver != "none" && !off("enable_icc"),
            open: driver != "none" && !internal && !off("enable_ip_masquerade") && !isolated && !denied,
            routed: driver != "none" && !internal,
            host: driver == "host",
            members: Vec::new(),
            binding: option("host_binding_ipv4"),
        };
        match self.networks.entry(word) {
            Slot::Vacant(slot) => {
                slot.insert(net);
            }
            Slot::Occupied(_) => self.clashes.push(key.clone()),
        }
    }

    fn stand(&mut self, member: &Member<'_>) -> Stand {
        let written = member.container.network_mode.as_ref().map(|mode| mode.value.as_str());
        let mut mode = written.map_or(Mode::Attached, mode);
        let mut networks: Vec<Text> = Vec::new();
        if mode == Mode::Attached {
            if let Some(engine) = written {
                let word = word(engine);
                let outside = Net { external: true, peers: true, open: true, routed: true, ..Net::default() };
                self.networks.entry(word.clone()).or_insert(outside);
                networks.push(word);
            }
            let keys = entries(&member.container.networks).map(|(key, _)| key);
            networks.extend(keys.map(|key| self.words.get(key).cloned().unwrap_or_else(|| word(key))));
        }
        networks.sort_unstable();
        networks.dedup();
        if mode == Mode::Attached && networks.is_empty() {
            mode = Mode::None;
        }
        if networks.iter().any(|word| self.networks.get(word).is_some_and(|net| net.host)) {
            mode = Mode::Host;
        }
        let open = match mode {
            Mode::Attached => networks.iter().any(|word| self.networks.get(word).is_some_and(|net| net.open)),
            Mode::Bridge | Mode::Host | Mode::Foreign => true,
            Mode::None | Mode::Shared(_) => false,
        };
        let hint = Hint::of(member, "egress").filter(|_| mode == Mode::Attached);
        let open = hint.map_or(open, |hint| hint.says("open"));
        let hint = hint.map(|hint| hint.identity);
        Stand { mode, networks, open, hint }
    }

    /// Members that share the network of another stand where it stands.
    fn join(&mut self, members: &[Member<'_>]) {
        for member in members {
            let mut owner = member.name.clone();
            // A circle is an error of the loader; the count keeps one that got through from holding us up.
            for _ in 0..members.len() {
                match self.stands.get(&owner).map(|stand| &stand.mode) {
                    Some(Mode::Shared(next)) if self.stands.contains_key(next) => owner = next.clone(),
                    _ => break,
                }
            }
            if owner != *member.name {
                let of_owner = self.stands.get(&owner).map(|stand| (stand.networks.clone(), stand.open));
                let (Some((networks, open)), Some(stand)) = (of_owner, self.stands.get_mut(member.name))
                else {
                    continue;
                };
                (stand.networks, stand.open) = (networks, open);
            }
        }
    }

    /// Whether a member has its own pod network, which is on networks.
    #[must_use]
    pub fn is_attached(&self, member: &str) -> bool {
        self.stands.get(member).is_some_and(|stand| stand.mode == Mode::Attached)
    }

    /// Whether two members that own pods can talk: over a network whose members do, or because they are one.
    #[must_use]
    pub fn connected(&self, from: &str, to: &str) -> bool {
        let (Some(one), Some(other)) = (self.stands.get(from), self.stands.get(to)) else { return false };
        from == to || self.shared(one, other).any(|net| net.peers)
    }

    /// The networks that both are on.
    pub fn shared<'r>(&'r self, from: &'r Stand, to: &'r Stand) -> impl Iterator<Item = &'r Net> {
        let on_both = from.networks.iter().filter(|word| to.networks.binary_search(word).is_ok());
        on_both.filter_map(|word| self.networks.get(word))
    }
}

/// The word that stands for a network in labels: its name, where that is legal.
fn word(network: &str) -> Text {
    if label::is_key(&label_key(network)) {
        return network.into();
    }
    name::object(network, name::LABEL_LENGTH - "net.".len()).unwrap_or_else(|| "network".into()).into()
}

/// The key of the label that the members of a network bear.
#[must_use]
pub fn label_key(word: &str) -> String {
    format!("transship/net.{word}")
}
