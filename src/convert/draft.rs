//! A workload on its way: what the topics put together, before it is known which objects stand for it.

use super::member::Member;
use super::topic::health::request::Request;
use super::topic::health::timing::Timing;
use crate::compose::image_facts::Facts;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Items, Scalar};
use crate::plan::why::Why;
use crate::source::Text;

/// A workload on its way.
#[derive(Clone, Debug)]
pub struct Draft<'p> {
    /// The service or job.
    pub member: Member<'p>,
    /// The name of its objects.
    pub name: Text,
    /// Which kind of workload it becomes.
    pub kind: Kind,
    /// Its container.
    pub container: Fields,
    /// Its pod.
    pub pod: Pod,
    /// What stands in the workload's specification beside the template.
    pub workload: Fields,
    /// The annotations of the workload.
    pub annotations: Fields,
    /// The claims of each of its pods.
    pub claims: Items,
    /// How its health is asked for, with the numbers and the reason.
    pub tested: Option<(Request, Timing, Why)>,
    /// What it waits for before it starts, in the order of the file.
    pub gates: Vec<Gate>,
    /// What starts it, when the clock does or a person: one set of fields for each CronJob.
    pub triggers: Vec<Fields>,
}

/// What a workload waits for before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The member that is waited for.
    pub on: Text,
    /// How it is waited for.
    pub way: Way,
    /// Why.
    pub why: Why,
}

/// How something is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A TCP port of its Service answers.
    Port(u16),
    /// Its name resolves.
    Name,
    /// It runs in the same pod, and its startup probe has passed.
    Beside,
    /// It runs to its end in the same pod before.
    Before,
    /// Its Job is complete, as the API says.
    Job,
}

/// A pod on its way.
#[derive(Clone, Debug, Default)]
pub struct Pod {
    /// Its labels, beside those that select it.
    pub labels: Fields,
    /// Its annotations.
    pub annotations: Fields,
    /// Its specification but for the containers.
    pub spec: Fields,
    /// The containers that run before, in their order.
    pub init: Items,
    /// The containers that run beside.
    pub beside: Items,
}

/// Where a topic that speaks of one container writes: into the container, and into the pod around it.
#[derive(Debug)]
pub struct Seat<'d, 'p> {
    /// The service or job.
    pub member: Member<'p>,
    /// What is known of the container's image.
    pub facts: &'p Facts,
    /// The name of the container.
    pub name: &'d str,
    /// The container.
    pub container: &'d mut Fields,
    /// The pod.
    pub pod: &'d mut Pod,
    /// Which container of the pod it is.
    pub part: Part,
}

/// Which container of the pod it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The one of the service or job.
    Main,
    /// One that runs before, of `pre_start`.
    Before,
}

impl Pod {
    /// Has a field of the specification, found by its way of keys, be a value. The own container decides; one that runs
    /// before adds its reason when it agrees, and has been told of when it does not.
    pub fn agree(&mut self, part: Part, way: &[&'static str], value: impl Into<Scalar>, why: &Why) {
        let Some((key, above)) = way.split_last() else { return };
        let fields = above.iter().fold(&mut self.spec, |fields, key| fields.map(*key));
        let field = Field::leaf(value, why);
        match (part, fields.get_mut(key)) {
            (Part::Before, Some(known)) if known.equals(&field) => known.because(why),
            (Part::Before, _) => {}
            (Part::Main, _) => fields.insert(*key, field),
        }
    }

    /// Has a list of the specification hold an item, as [`Self::agree`].
    pub fn agree_item(&mut self, part: Part, way: &[&'static str], item: Field, why: &Why) {
        let Some((key, above)) = way.split_last() else { return };
        let fields = above.iter().fold(&mut self.spec, |fields, key| fields.map(*key));
        let items = fields.list(*key);
        if let Some(known) = items.iter_mut().find(|known| known.equals(&item)) {
            known.because(why);
        } else if part == Part::Main {
            items.push(item);
        }
    }
}
