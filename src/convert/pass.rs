//! One pass over the project: the books, what is to be said, and the objects so far.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::accounts::Accounts;
use super::member::{Either, Member};
use super::options::Options;
use super::secret::{self, Wanted};
use super::survey::Survey;
use super::{Input, assemble, idle, knobs, project, rewrite, scatter, service, works};
use crate::compose::image_facts::{Evidence, Facts};
use crate::diag::{Edit, Finding, Posture, Safety, Slug};
use crate::k8s::kind::Kind;
use crate::plan::field::Fields;
use crate::plan::image_build::ImageBuild;
use crate::plan::ledger::Verdict;
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::plan::{Connectivity, LeftOut, SecretKey};
use crate::source::Text;
use crate::source::span::{Identity, Span, Spanned};
use smol_str::format_smolstr;

/// One pass over the project.
pub struct Pass<'p> {
    /// What the conversion looks at.
    pub input: &'p Input<'p>,
    /// The services and jobs, in the order of the files.
    pub members: Rc<[Member<'p>]>,
    /// What can be said of the members only when all of them are seen.
    pub survey: Rc<Survey<'p>>,
    /// The members that are left out, as the passes before have found.
    pub left_out: BTreeSet<Text>,
    /// The namespace of the project.
    pub namespace: Text,
    /// Why it has its name.
    pub namespace_why: Why,
    /// The books.
    pub accounts: Accounts,
    /// What is to be said.
    pub findings: Vec<Finding>,
    /// The objects so far.
    pub objects: Vec<Object>,
    /// Where among them the accounts of workloads stand, by name; nothing is taken out before them.
    pub standing: BTreeMap<Text, usize>,
    /// The Secret keys that pods refer to.
    pub secrets: Vec<SecretKey>,
    /// The same keys, with who needs them and what they hold.
    pub wanted: Wanted,
    /// Who can reach whom.
    pub connectivity: Connectivity,
    /// The images that have to be built first.
    pub builds: Vec<ImageBuild>,
    /// What is refused only when everything is written: the next pass has to say it again.
    pub late: Vec<(Identity, Finding)>,
    refusals: BTreeMap<Text, LeftOut>,
}

/// Why somebody was left out.
#[derive(Clone, Debug)]
pub struct Refusal {
    entry: LeftOut,
    finding: Option<Finding>,
}

/// What a finding has told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The rule.
    pub rule: Slug,
    /// The message.
    pub message: String,
}

impl Told {
    /// What a finding tells.
    #[must_use]
    pub fn by(finding: &Finding) -> Self {
        Self { rule: finding.slug, message: finding.message.clone() }
    }
}

impl<'p> Pass<'p> {
    /// A pass at its beginning.
    #[must_use]
    pub fn new(
        input: &'p Input<'p>,
        accounts: Accounts,
        members: &Rc<[Member<'p>]>,
        survey: &Rc<Survey<'p>>,
        left_out: &BTreeSet<Text>,
    ) -> Self {
        Self {
            input,
            members: Rc::clone(members),
            survey: Rc::clone(survey),
            left_out: left_out.clone(),
            namespace: Text::default(),
            namespace_why: Why::Policy("a project has a namespace of its own"),
            accounts,
            findings: Vec::new(),
            objects: Vec::new(),
            standing: BTreeMap::new(),
            secrets: Vec::new(),
            wanted: Wanted::default(),
            connectivity: Connectivity::default(),
            builds: Vec::new(),
            late: Vec::new(),
            refusals: BTreeMap::new(),
        }
    }

    /// Converts everything.
    pub fn run(&mut self) {
        project::namespace(self);
        let members = Rc::clone(&self.members);
        let mut drafts: Vec<_> = members.iter().map(|member| service::draft(self, *member)).collect();
        project::sections(self, &mut drafts);
        secret::finish(self);
        knobs::demand::demanded(self);
        works::build(self, drafts);
        rewrite::apply(self);
        scatter::apply(self);
        idle::say(self);
    }

    /// What the flags say.
    #[must_use]
    pub fn options(&self) -> &'p Options {
        self.input.options
    }

    /// Whether the posture is at least that strict.
    #[must_use]
    pub fn at_least(&self, posture: Posture) -> bool {
        self.input.options.posture >= posture
    }

    /// Whether the user allows what a finding says.
    #[must_use]
    pub fn allows(&self, finding: &Finding) -> bool {
        self.input.allowances.covering(finding).is_some()
    }

    /// Whether the user allows a rule at a value.
    #[must_use]
    pub fn allows_at<T>(&self, rule: Slug, value: &Spanned<T>) -> bool {
        self.allows(&self.finding(value, rule, ""))
    }

    /// The value as a reason, without a verdict.
    #[must_use]
    pub fn why<T>(&self, value: &Spanned<T>) -> Why {
        self.accounts.why(Identity::of(value))
    }

    /// The value has the same effect in an object.
    pub fn mapped<T>(&mut self, value: &Spanned<T>) -> Why {
        self.enter(value, Verdict::Mapped)
    }

    /// The value was used on the way.
    pub fn consumed<T>(&mut self, value: &Spanned<T>) -> Why {
        self.enter(value, Verdict::Consumed)
    }

    /// The value acts when an image is built.
    pub fn build<T>(&mut self, value: &Spanned<T>) -> Why {
        self.enter(value, Verdict::Build)
    }

    /// The value acts while the project is developed.
    pub fn dev<T>(&mut self, value: &Spanned<T>) -> Why {
        self.enter(value, Verdict::Dev)
    }

    fn enter<T>(&mut self, value: &Spanned<T>, verdict: Verdict) -> Why {
        self.accounts.entered(Identity::of(value), verdict, None, false)
    }

    /// The value was carried over, and differs, as the finding says.
    pub fn approximated<T>(&mut self, value: &Spanned<T>, finding: Finding) -> Why {
        self.say(value, Verdict::Approximated, finding, false)
    }

    /// The value was not carried over, as the finding says.
    pub fn dropped<T>(&mut self, value: &Spanned<T>, finding: Finding) -> Why {
        self.say(value, Verdict::Dropped, finding, false)
    }

    /// There is no faithful output for the value: what it belongs to is left out. When the user allows the rule, the
    /// value counts as approximated, and the reason comes back for the fallback that is then to be written.
    pub fn refused<T>(&mut self, value: &Spanned<T>, finding: Finding) -> Option<Why> {
        if self.allows(&finding) {
            return Some(self.say(value, Verdict::Approximated, finding, true));
        }
        self.impossible(value, finding);
        None
    }

    /// As [`Self::refused`], of a rule that cannot be allowed because no output could exist.
    pub fn impossible<T>(&mut self, value: &Spanned<T>, finding: Finding) {
        self.impossible_of(Identity::of(value), finding);
    }

    /// As [`Self::impossible`], of a value that is known by its identity.
    pub fn impossible_of(&mut self, value: Identity, finding: Finding) {
        let path: Text = self.accounts.path(value).into();
        self.leave_out_all(&path, &finding);
        self.say_of(value, Verdict::Refused, finding, false);
    }

    /// As [`Self::refused`], of a value that is known by its identity.
    pub fn refused_of(&mut self, value: Identity, finding: Finding) -> Option<Why> {
        if self.allows(&finding) {
            return Some(self.say_of(value, Verdict::Approximated, finding, true));
        }
        self.impossible_of(value, finding);
        None
    }

    /// As [`Self::approximated`], of a value that is known by its identity.
    pub fn approximated_of(&mut self, value: Identity, finding: Finding) -> Why {
        self.say_of(value, Verdict::Approximated, finding, false)
    }

    /// A finding at a part of a value that is known by its identity.
    #[must_use]
    pub fn finding_in(&self, value: Identity, span: Span, rule: Slug, message: impl Into<String>) -> Finding {
        Finding::new(rule, span, self.accounts.path(value), message)
    }

    /// Leaves out whom the value at a path concerns.
    pub fn leave_out_all(&mut self, path: &Text, finding: &Finding) {
        for service in self.survey.concerned(path) {
            let rule = Some(finding.slug);
            let entry =
                LeftOut { service: service.clone(), rule, path: path.clone(), span: finding.primary.span };
            self.refusals.entry(service).or_insert(entry);
        }
    }

    /// As [`Self::refused`], of a service or job that lacks something: no value is to blame. Whether it is allowed.
    pub fn lacking(&mut self, member: &Member<'_>, finding: Finding) -> bool {
        let allowed = self.allows(&finding);
        if !allowed {
            self.leave_out(member, Some(&finding));
        }
        self.findings.push(finding);
        allowed
    }

    /// Leaves a service or job out: as refused by the rule of a finding, or without an error.
    pub fn leave_out(&mut self, member: &Member<'_>, finding: Option<&Finding>) {
        let entry = LeftOut {
            service: member.name.clone(),
            rule: finding.map(|finding| finding.slug),
            path: member.path().into(),
            span: finding.map_or(member.place.key, |finding| finding.primary.span),
        };
        self.refusals.entry(member.name.clone()).or_insert(entry);
    }

    /// A verdict that raises no finding: one has told of this value and another, or only the ledger has to.
    pub fn likewise<T>(&mut self, value: &Spanned<T>, verdict: Verdict, told: &Told) -> Why {
        let said = Some((told.rule, told.message.as_str()));
        self.accounts.entered(Identity::of(value), verdict, said, false)
    }

    fn say<T>(&mut self, value: &Spanned<T>, verdict: Verdict, finding: Finding, allowed: bool) -> Why {
        self.say_of(Identity::of(value), verdict, finding, allowed)
    }

    fn say_of(&mut self, value: Identity, verdict: Verdict, finding: Finding, allowed: bool) -> Why {
        let said = Some((finding.slug, finding.message.as_str()));
        let why = self.accounts.entered(value, verdict, said, allowed);
        self.findings.push(finding);
        why
    }

    /// A finding at a value; secrets are no part of the message.
    #[must_use]
    pub fn finding<T>(&self, value: &Spanned<T>, rule: Slug, message: impl Into<String>) -> Finding {
        Finding::new(rule, value.span, self.accounts.path(Identity::of(value)), message)
    }

    /// A finding at the key of a value.
    #[must_use]
    pub fn finding_at_key<T>(&self, value: &Spanned<T>, rule: Slug, message: impl Into<String>) -> Finding {
        Finding::new(rule, value.key, self.accounts.path(Identity::of(value)), message)
    }

    /// The finding with the fix that removes what it is about, where that stands on lines of its own. Another project
    /// may read the same file and need it: a person decides.
    #[must_use]
    pub fn removable<T>(&self, finding: Finding, value: &Spanned<T>) -> Finding {
        let entry = if value.key.file == value.span.file { value.key.to(value.span) } else { value.span };
        match self.input.files.whole_lines(entry) {
            Some(span) => finding.fix(Safety::Unsafe, "remove it", vec![Edit { span, text: String::new() }]),
            None => finding,
        }
    }

    /// A finding at the name of a service or job, about something that is not written.
    #[must_use]
    pub fn finding_of(&self, member: &Member<'_>, rule: Slug, message: impl Into<String>) -> Finding {
        Finding::new(rule, member.place.key, member.path(), message)
    }

    /// Says something that changes no verdict.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// What is known of the image of a service or job.
    #[must_use]
    pub fn facts(&self, member: Member<'p>) -> &'p Facts {
        match member.kind {
            Either::Service(_) => self.input.facts.of_service(member.name),
            Either::Job(_) => self.input.facts.of_job(member.name),
        }
    }

    /// What is known of an image, as a reason.
    #[must_use]
    pub fn fact(&self, evidence: &Evidence) -> Why {
        Why::Fact(match evidence {
            Evidence::Metadata { file, image } => format_smolstr!("{file} says so of {image}"),
            Evidence::Dockerfile(span) => {
                let files = self.input.files;
                format_smolstr!("{}:{} says so", files.file(span.file).name, files.start(*span).line)
            }
            Evidence::Catalogue(entry) => {
                format_smolstr!("known of {}: {}, {}", entry.pattern, entry.source, entry.date)
            }
        })
    }

    /// Whether objects are written for a service or job.
    #[must_use]
    pub fn is_written(&self, name: &str) -> bool {
        !self.left_out.contains(name)
    }

    /// A new object in the namespace of the project, with the labels that all objects bear; `owners` are the members
    /// that it exists for.
    pub fn object(&mut self, kind: Kind, name: impl Into<Text>, owners: Vec<Text>) -> &mut Fields {
        let label = owners.first().map(|owner| self.survey.object_name(owner)).filter(|_| owners.len() == 1);
        self.add(kind, name.into(), owners, label)
    }

    /// A new object of a member in a namespace, whichever the member lives in.
    pub fn object_in(&mut self, namespace: &Text, kind: Kind, name: Text, owner: &Text) -> &mut Fields {
        self.object(kind, name, vec![owner.clone()]);
        let why = self.home_why(namespace);
        let object = self.objects.last_mut().expect("an object was just added");
        object.move_to(namespace, &why);
        &mut object.body
    }

    /// The namespace in which the pod of a member lives.
    #[must_use]
    pub fn home_of(&self, member: &str) -> Text {
        self.survey.homes.get(member).map_or_else(|| self.namespace.clone(), |home| home.namespace.clone())
    }

    /// Why there is a namespace: the hints that name it, or the name of the project.
    #[must_use]
    pub fn home_why(&self, namespace: &str) -> Why {
        let homes = self.members.iter().filter_map(|member| self.survey.homes.own(member.name));
        let hints = homes.filter(|home| home.namespace == namespace).map(|home| self.accounts.why(home.hint));
        hints.reduce(|all, why| all.and(&why)).unwrap_or_else(|| self.namespace_why.clone())
    }

    /// A new object that is of none of its owners, even when there is but one: it stays the same when more come.
    pub fn common_object(&mut self, kind: Kind, name: impl Into<Text>, owners: Vec<Text>) -> &mut Fields {
        self.add(kind, name.into(), owners, None)
    }

    fn add(&mut self, kind: Kind, name: Text, owners: Vec<Text>, label: Option<Text>) -> &mut Fields {
        let namespace = self.namespace.clone();
        let id = Id { kind, namespace, name };
        let mut body = Fields::default();
        assemble::metadata(&mut body, &id, &self.namespace_why, &self.namespace, label.as_ref());
        self.objects.push(Object { id, owners, folder: label, body });
        &mut self.objects.last_mut().expect("an object was just added").body
    }

    /// Why a member is refused in this pass.
    #[must_use]
    pub fn refusal(&self, name: &str) -> Option<Refusal> {
        let entry = self.refusals.get(name)?.clone();
        let is_it = |finding: &&Finding| {
            Some(finding.slug) == entry.rule && finding.primary.span == entry.span && !self.allows(finding)
        };
        let finding = self.findings.iter().find(is_it).cloned();
        Some(Refusal { entry, finding })
    }

    /// Has those who stay out, and whom this pass does not refuse, stay out for the reasons that earlier passes had.
    pub fn recall(&mut self, reasons: BTreeMap<Text, Refusal>) {
        for (name, Refusal { entry, finding }) in reasons {
            if self.refusals.contains_key(&name) || !self.left_out.contains(&name) {
                continue;
            }
            self.refusals.insert(name, entry);
            if let Some(finding) = finding {
                self.accounts.refuse(&finding);
                self.findings.push(finding);
            }
        }
    }

    /// What was refused, with its reasons.
    #[must_use]
    pub fn refusals(&self) -> &BTreeMap<Text, LeftOut> {
        &self.refusals
    }
}
