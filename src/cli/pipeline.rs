//! From a loaded project to what it converts to and all that is to be said of it: the one sequence of the stages.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::compose::project::Project;
use crate::convert::options::Options;
use crate::convert::{self, Input, Purpose};
use crate::diag::allowance::{Allowances, Used};
use crate::diag::{Finding, Level, slugs};
use crate::image;
use crate::image::metadata::Metadata;
use crate::lint::levels::Levels;
use crate::lint::{self, suppressions};
use crate::plan::Plan;
use crate::plan::ledger::{Row, Said, Verdict};
use crate::resolve::Resolved;
use crate::rule::{Ctx, RuleMeta};
use crate::source::Text;
use crate::source::origin::OriginId;
use crate::source::reader::Reader;
use crate::source::span::{Span, Spanned};

/// What the stages after the load lean on.
#[derive(Clone, Copy)]
pub struct Given<'g> {
    /// What the findings are for.
    pub purpose: Purpose,
    /// What the flags say.
    pub options: &'g Options,
    /// What the files of `--image-metadata` say.
    pub metadata: &'g [Metadata],
    /// Shows the files that the project names.
    pub reader: &'g dyn Reader,
    /// The folder from which names of files are seen.
    pub standpoint: &'g Path,
    /// The registries whose images may run; none when nobody says.
    pub trusted_registries: &'g [Text],
    /// How much each rule matters.
    pub levels: &'g Levels,
}

/// A project, all that is to be said of it, and what it converts to.
pub struct Assessed {
    /// The project, without findings.
    pub resolved: Resolved,
    /// What the loader, the conversion and the rules say, without levels; what is allowed is marked.
    pub findings: Vec<Finding>,
    /// What of all that is allowed is raised.
    pub used: Used,
    /// What it converts to; nothing when there is too little to convert.
    pub plan: Option<Plan>,
}

/// Converts a project and lets every rule look at it.
#[must_use]
pub fn assess(mut resolved: Resolved, given: &Given<'_>) -> Assessed {
    let Given { purpose, options, metadata, reader, standpoint, trusted_registries, levels } = *given;
    let mut findings = std::mem::take(&mut resolved.findings);
    let mut all = options.allowances.clone();
    suppressions::allow(&resolved.suppressions, options.today, &mut all);
    let flags = options.no_allow.then(|| all.of_flags());
    let allowances = flags.as_ref().unwrap_or(&all);
    if is_only_read(purpose, levels) || !can_be_judged(&resolved, &findings, allowances, purpose) {
        // Much was not looked for, so nothing can be said to be of no use.
        let judged = suppressions::judge(&resolved.suppressions, None, &[], options.today);
        // What could not be read at all leaves no project that anything could be allowed for.
        let mut findings = if resolved.broken { findings } else { allowances.mark(findings) };
        findings.extend(judged.into_iter().filter(|_| purpose == Purpose::Lint));
        return Assessed { resolved, findings, used: Used::default(), plan: None };
    }
    let facts = image::facts(&resolved.project, metadata, reader, standpoint, &mut resolved.files);
    let input = Input {
        project: &resolved.project,
        facts: &facts,
        files: &resolved.files,
        reader,
        options,
        allowances,
        purpose,
    };
    let mut plan = convert::convert(&input);
    // Compose stops at every variable that has to have a value and has none; an output stops at those that nobody can
    // be asked for when it is installed.
    let demanded = |finding: &Finding| finding.slug == slugs::MISSING_REQUIRED_VARIABLE;
    match purpose {
        Purpose::Lint => plan.findings.retain(|finding| !demanded(finding)),
        Purpose::Output | Purpose::Objects => {
            findings.retain(|finding| !demanded(finding) || finding.path.starts_with("configs."));
        }
    }
    findings.append(&mut plan.findings);
    let ctx = Ctx {
        project: &resolved.project,
        facts: &facts,
        plan: &plan,
        files: &resolved.files,
        posture: options.posture,
        trusted_registries,
    };
    let is_asked = |rule: &RuleMeta| purpose != Purpose::Objects || levels.of(rule) == Some(Level::Error);
    findings.append(&mut lint::check(&ctx, &is_asked));
    let used = all.used(&findings);
    let mut findings = allowances.mark(findings);
    holes(&resolved, &findings, &mut plan);
    if purpose == Purpose::Lint {
        let unseen = inactive(&resolved.project);
        findings.extend(suppressions::judge(&resolved.suppressions, Some(&used), &unseen, options.today));
    }
    Assessed { resolved, findings, used, plan: Some(plan) }
}

/// Whether nobody asks for more than reading the files says.
fn is_only_read(purpose: Purpose, levels: &Levels) -> bool {
    let mut asked = lint::registry::RULES.iter().filter(|rule| levels.of(rule).is_some());
    purpose == Purpose::Lint && asked.all(|rule| rule.of_reading)
}

/// Whether the model is whole enough to say something about it: a hole that the user allows is none.
fn can_be_judged(
    resolved: &Resolved,
    findings: &[Finding],
    allowances: &Allowances,
    purpose: Purpose,
) -> bool {
    // Without a service there is nothing to convert.
    if findings.iter().any(|finding| finding.slug == slugs::EMPTY_PROJECT) {
        return false;
    }
    let counted = |finding: &&Finding| allowances.covering(finding).is_none();
    let is_whole = resolved.stops.is_empty() || {
        let counting = findings.iter().filter(counted);
        let left: BTreeSet<_> = counting.map(|finding| (finding.slug, finding.primary.span)).collect();
        resolved.stops.is_disjoint(&left) && has_services(&resolved.project)
    };
    // An env file that is kept out of the repository is missing wherever somebody looks at a change; that is said, and
    // everything else can be said as well.
    let stops = [
        slugs::INVALID_COMPOSE,
        slugs::BROKEN_REFERENCE,
        slugs::CONFLICTING_ENTRIES,
        slugs::COVERAGE_GAP,
        slugs::UNKNOWN_KEY,
    ];
    is_whole && !resolved.broken
        || purpose == Purpose::Lint
            && !findings.iter().filter(counted).any(|finding| stops.contains(&finding.slug))
}

fn has_services(project: &Project) -> bool {
    let model = &project.model;
    model.services.as_ref().is_some_and(|services| !services.value.is_empty())
        || model.jobs.as_ref().is_some_and(|jobs| !jobs.value.is_empty())
}

/// Accounts for the holes that the user allows: what stands there is dropped.
fn holes(resolved: &Resolved, findings: &[Finding], plan: &mut Plan) {
    let is_hole = |finding: &&Finding| {
        finding.allowed.is_some() && resolved.stops.contains(&(finding.slug, finding.primary.span))
    };
    for finding in findings.iter().filter(is_hole) {
        let below = format!("{}.", finding.path);
        let said = Some(Arc::new(Said { rule: finding.slug, reason: finding.message.as_str().into() }));
        let mut known = false;
        for row in
            plan.ledger.iter_mut().filter(|row| row.path == finding.path || row.path.starts_with(&below))
        {
            known = true;
            (row.verdict, row.said, row.allowed) = (Some(Verdict::Dropped), said.clone(), true);
        }
        if !known && !finding.path.is_empty() {
            let span = finding.primary.span;
            plan.ledger.push(Row {
                path: finding.path.as_str().into(),
                place: Spanned { value: (), span, key: span, origin: OriginId::default() },
                verdict: Some(Verdict::Dropped),
                said,
                allowed: true,
            });
        }
    }
}

/// The services and jobs that no profile selects: nothing was looked for in them.
fn inactive(project: &Project) -> Vec<Span> {
    let services = project.inactive_services.iter().map(|(_, service)| service.with(()));
    let jobs = project.inactive_jobs.iter().map(|(_, job)| job.with(()));
    let whole = |place: Spanned<()>| {
        let below = place.span.file == place.key.file && place.span.start >= place.key.start;
        if below { place.key.to(place.span) } else { place.key }
    };
    services.chain(jobs).map(whole).collect()
}
