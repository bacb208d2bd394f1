//! The hand that writes the choices into the templates.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::expression;
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::address;
use crate::plan::field::Field;
use crate::plan::knob::{Fill, KnobId, Shape, Slot};
use crate::plan::object::{Id, Object};
use crate::render::emit::{self, Hand, Written};
use crate::source::Text;

const MANAGED_BY: &str = "metadata.labels[\"app.kubernetes.io/managed-by\"]";
const PART_OF: &str = "metadata.labels[\"app.kubernetes.io/part-of\"]";

/// Whether objects outlive their release, as a volume outlives `docker compose down`: claims, and what they are bound to.
fn outlives(kind: Kind) -> bool {
    matches!(kind, Kind::PersistentVolumeClaim | Kind::PersistentVolume)
}

/// Writes the choices of an object.
pub struct Chooser<'c> {
    plan: &'c Plan,
    chart: &'c str,
    object: &'c Object,
    slots: BTreeMap<&'c str, &'c Fill>,
    /// The fields that may not be there without a choice, by the address of what holds them.
    further: BTreeMap<String, Vec<Text>>,
    files: RefCell<BTreeMap<String, String>>,
}

impl<'c> Chooser<'c> {
    /// The hand for an object.
    #[must_use]
    pub fn new(plan: &'c Plan, chart: &'c str, object: &'c Object, slots: &[&'c Slot]) -> Self {
        let mut further: BTreeMap<String, Vec<Text>> = BTreeMap::new();
        for slot in slots {
            if let Some((parent, key)) = slot.path.rsplit_once('.').filter(|(_, key)| !key.contains(']')) {
                further.entry(parent.to_owned()).or_default().push(key.into());
            }
        }
        if outlives(object.id.kind) {
            further.entry("metadata".to_owned()).or_default().push(Text::new_static("annotations"));
        }
        let slots = slots.iter().map(|slot| (slot.path.as_str(), &slot.fill)).collect();
        Self { plan, chart, object, slots, further, files: RefCell::default() }
    }

    /// The files that the templates read.
    #[must_use]
    pub fn files(self) -> BTreeMap<String, String> {
        self.files.into_inner()
    }

    /// What keeps data says so.
    fn kept(&self, path: &str, indent: usize, is_there: bool) -> Option<Written> {
        if !outlives(self.object.id.kind) || path != "metadata.annotations" {
            return None;
        }
        let margin = " ".repeat(indent);
        let line = format!("{margin}  helm.sh/resource-policy: keep\n");
        Some(if is_there {
            Written::Then(line)
        } else {
            Written::Instead(format!("{margin}annotations:\n{line}"))
        })
    }

    /// What every object has.
    fn standing(&self, path: &str, indent: usize, field: &Field) -> Option<Written> {
        let margin = " ".repeat(indent);
        match path {
            "metadata.namespace" | "subjects[0].namespace"
                if field.as_text() == Some(self.plan.namespace.as_str()) =>
            {
                Some(Written::Behind("{{ .Release.Namespace }}".to_owned()))
            }
            PART_OF => Some(Written::Instead(String::new())),
            MANAGED_BY => Some(Written::Instead(format!(
                "{margin}{{{{- include \"{}.labels\" . | nindent {indent} }}}}\n",
                self.chart
            ))),
            _ if path.ends_with("metadata.labels[\"app.kubernetes.io/managed-by\"]") => {
                Some(Written::Behind("{{ .Release.Service }}".to_owned()))
            }
            _ => None,
        }
    }

    /// A text of a ConfigMap: it stands in a file, which no template reads as one.
    fn text_of_file(&self, path: &str, key: &str, field: &Field) -> Option<Written> {
        let mut own = "data".to_owned();
        address::push_key(&mut own, key);
        let text = field.as_text()?;
        if self.object.id.kind != Kind::ConfigMap || path != own || self.slots.contains_key(path) {
            return None;
        }
        let file = file_of(&self.object.id, key);
        self.files.borrow_mut().insert(file.clone(), text.to_owned());
        Some(Written::Behind(format!("{{{{ .Files.Get {} | toJson }}}}", expression::literal(&file))))
    }

    /// The first letters of the digest of a ConfigMap's texts, worked out when the chart is installed.
    fn digest(&self, id: &Id) -> Option<String> {
        let object = self.plan.objects.iter().find(|object| object.id == *id)?;
        let data = object.body.get("data")?.as_map()?;
        let texts: Vec<String> = data
            .iter()
            .map(|(key, _)| {
                let mut path = "data".to_owned();
                address::push_key(&mut path, key);
                let slot =
                    self.plan.slots.iter().find(|slot| slot.object == *id && slot.path == path.as_str());
                match slot.map(|slot| &slot.fill) {
                    Some(Fill::Text(parts)) => format!("({} | toString)", expression::text(self.plan, parts)),
                    Some(Fill::Whole(knob)) => {
                        format!("({} | toString)", expression::value(self.plan, *knob))
                    }
                    _ => format!("(.Files.Get {})", expression::literal(&file_of(id, key))),
                }
            })
            .collect();
        Some(format!("{{{{ print {} | sha256sum | trunc 8 | quote }}}}", texts.join(" ")))
    }

    /// A field that is what is chosen.
    fn whole(&self, id: KnobId, key: &str, indent: usize, is_there: bool) -> Option<Written> {
        let knob = self.plan.knobs.get(id.0)?;
        let value = expression::value(self.plan, id);
        let margin = " ".repeat(indent);
        let is_scalar =
            matches!(knob.shape, Shape::Text | Shape::Amount | Shape::Integer { .. } | Shape::Switch);
        if is_scalar && is_there {
            return Some(Written::Behind(expression::alone(self.plan, id)));
        }
        let key = emit::word(key);
        let body = match knob.shape {
            Shape::Integer { .. } | Shape::Switch => format!("{margin}{key}: {{{{ . }}}}\n"),
            Shape::Text | Shape::Amount => format!("{margin}{key}: {{{{ . | quote }}}}\n"),
            Shape::Map => format!("{margin}{key}:\n{margin}  {{{{- toYaml . | nindent {} }}}}\n", indent + 2),
            Shape::List => format!("{margin}{key}:\n{margin}{{{{- toYaml . | nindent {indent} }}}}\n"),
        };
        Some(Written::Instead(format!("{margin}{{{{- with {value} }}}}\n{body}{margin}{{{{- end }}}}\n")))
    }

    /// Volumes that are there as soon as a claim is chosen, behind those that are there anyway.
    fn claims(&self, claims: &[(KnobId, Text)], key: &str, indent: usize, is_there: bool) -> Written {
        let margin = " ".repeat(indent);
        let volume = |(knob, name): &(KnobId, Text)| {
            format!(
                "{margin}{{{{- with {} }}}}\n{margin}- name: {}\n{margin}  persistentVolumeClaim:\n{margin}    claimName: {{{{ . | quote }}}}\n{margin}{{{{- end }}}}\n",
                expression::value(self.plan, *knob),
                emit::word(name)
            )
        };
        let volumes: String = claims.iter().map(volume).collect();
        if is_there {
            return Written::Then(volumes);
        }
        let values: Vec<String> =
            claims.iter().map(|(knob, _)| expression::value(self.plan, *knob)).collect();
        let any = if values.len() == 1 { values.concat() } else { format!("(or {})", values.join(" ")) };
        Written::Instead(format!(
            "{margin}{{{{- if {any} }}}}\n{margin}{}:\n{volumes}{margin}{{{{- end }}}}\n",
            emit::word(key)
        ))
    }

    /// What is chosen, behind what is there anyway.
    fn also(&self, id: KnobId, key: &str, indent: usize, is_there: bool) -> Option<Written> {
        if !is_there {
            return self.whole(id, key, indent, false);
        }
        let knob = self.plan.knobs.get(id.0)?;
        let value = expression::value(self.plan, id);
        let inner = if knob.shape == Shape::List { indent } else { indent + 2 };
        let margin = " ".repeat(inner);
        Some(Written::Then(format!(
            "{margin}{{{{- with {value} }}}}\n{margin}{{{{- toYaml . | nindent {inner} }}}}\n{margin}{{{{- end }}}}\n"
        )))
    }
}

impl Hand for Chooser<'_> {
    fn write(&self, path: &str, key: &str, indent: usize, field: Option<&Field>) -> Option<Written> {
        if let Some(written) = field.and_then(|field| self.standing(path, indent, field)) {
            return Some(written);
        }
        if let Some(written) = field.and_then(|field| self.text_of_file(path, key, field)) {
            return Some(written);
        }
        if let Some(written) = self.kept(path, indent, field.is_some()) {
            return Some(written);
        }
        let fill = self.slots.get(path)?;
        let plan = self.plan;
        match fill {
            Fill::Text(parts) => Some(Written::Behind(match field {
                // In a line of its own, text is read as it is.
                Some(_) => expression::quoted(plan, parts),
                None => return None,
            })),
            Fill::Image(image) => Some(Written::Behind(expression::image(plan, self.chart, image))),
            Fill::Or(knob, text) => Some(Written::Behind(format!(
                "{{{{ {} | default {} | quote }}}}",
                expression::value(plan, *knob),
                expression::literal(text)
            ))),
            Fill::Secret(knob) => {
                let argument = expression::argument(plan, *knob);
                Some(Written::Behind(format!(
                    "{{{{ {} | b64enc | quote }}}}",
                    expression::unwrapped(&argument)
                )))
            }
            Fill::Whole(knob) => self.whole(*knob, key, indent, field.is_some()),
            Fill::Also(knob) => self.also(*knob, key, indent, field.is_some()),
            Fill::Digest(id) => Some(Written::Behind(self.digest(id)?)),
            Fill::Claims(claims) => Some(self.claims(claims, key, indent, field.is_some())),
            Fill::Unless(knob) => {
                let margin = " ".repeat(indent);
                let condition = format!("{margin}{{{{- if not {} }}}}\n", expression::value(plan, *knob));
                Some(Written::Around(condition, format!("{margin}{{{{- end }}}}\n")))
            }
            Fill::When(_) => None,
        }
    }

    fn further(&self, path: &str) -> &[Text] {
        self.further.get(path).map_or(&[], Vec::as_slice)
    }

    fn text(&self, text: String) -> String {
        if text.contains("{{") { text.replace("{{", "{{ \"{{\" }}") } else { text }
    }
}

/// The file in which a text of a ConfigMap stands.
fn file_of(id: &Id, key: &str) -> String {
    format!("files/{}/{key}", id.name)
}
