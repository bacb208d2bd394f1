//! What starts a job.

use crate::compose::codec::Field;
use crate::compose::job::{Schedule, Triggers};
use crate::compose::project::items;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::cron;
use crate::plan::field::Fields;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::span::{Identity, Spanned};

/// The keys of the topic.
pub struct Keys<'p> {
    /// `triggers`
    pub triggers: &'p Field<Triggers>,
}

/// The thirtieth-first of February.
const NEVER: &str = "0 0 31 2 *";

const ONCE: Why = Why::Policy("a job that fails is not run again");

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { triggers } = keys;
    let name = draft.member.name;
    let schedules: Vec<&'p Spanned<Schedule>> =
        triggers.iter().flat_map(|triggers| items(&triggers.value.schedule)).collect();
    let manual = triggers.as_ref().and_then(|triggers| triggers.value.manual.as_ref());
    let object = &draft.name;
    let message = match schedules.len() {
        0 => format!(
            "job `{name}` becomes a suspended CronJob, run by `kubectl create job --from=cronjob/{object} NAME`"
        ),
        _ => format!(
            "job `{name}` becomes a CronJob, which runs without `docker compose run`: its last pods are kept, and runs \
             that overlap or were missed follow the rules of Kubernetes"
        ),
    };
    let unzoned = schedules.iter().any(|schedule| schedule.value.timezone.is_none());
    let zone = if unzoned && !schedules.is_empty() {
        "; without `timezone` the zone is that of the cluster's controllers, mostly UTC"
    } else {
        ""
    };
    let message = format!("{message}{zone}");
    let finding = match triggers {
        Some(triggers) => pass.finding_at_key(&**triggers, slugs::JOB_TRIGGER, &message),
        None => pass.finding_of(&draft.member, slugs::JOB_TRIGGER, &message),
    };
    pass.report(finding);
    for schedule in &schedules {
        if let Some(fields) = entry(pass, schedule, &message) {
            draft.triggers.push(fields);
        }
    }
    if let Some(manual) = manual {
        self::manual(pass, manual, schedules.is_empty(), &message);
    }
    if schedules.is_empty() {
        let why =
            manual.map_or(Why::Policy("nothing starts the job by itself"), |manual| pass.why(&**manual));
        let mut fields = Fields::default();
        fields.put("schedule", NEVER, &why);
        fields.put("suspend", true, &why);
        fields.put("concurrencyPolicy", "Forbid", &Why::Policy("Compose runs a job once at a time"));
        draft.triggers.push(fields);
    }
    draft.workload.put("backoffLimit", 0, &ONCE);
    if let Some(triggers) = triggers {
        let said = Some((slugs::JOB_TRIGGER, message.as_str()));
        if triggers.value.manual.is_none() && schedules.is_empty() {
            pass.accounts.enter(Identity::of(&**triggers), Verdict::Approximated, said, false);
        }
    }
}

fn manual<'p>(pass: &mut Pass<'p>, manual: &'p Spanned<bool>, alone: bool, message: &str) {
    if manual.value {
        let said = Some((slugs::JOB_TRIGGER, message));
        pass.accounts.enter(Identity::of(manual), Verdict::Approximated, said, false);
        return;
    }
    let words =
        if alone { "and no clock starts it either: it is suspended" } else { "which no field forbids" };
    let message = format!("`manual: false` keeps people from running the job by hand, {words}");
    let finding = pass.finding(manual, slugs::DROPPED_KEY, message);
    pass.dropped(manual, finding.tip("forbid the creation of Jobs by RBAC"));
}

/// The fields of one CronJob.
fn entry<'p>(pass: &mut Pass<'p>, schedule: &'p Spanned<Schedule>, message: &str) -> Option<Fields> {
    let Schedule { concurrency, cron, missed_fires, timezone, extensions: _ } = &schedule.value;
    let mut fields = Fields::default();
    let Some(cron) = cron else {
        let finding =
            pass.finding(schedule, slugs::UNMAPPABLE_KEY, "a schedule without `cron` starts nothing");
        pass.impossible(schedule, finding.tip("write five fields, or a macro as `@daily`"));
        return None;
    };
    let (zone, times) = cron::split(&cron.value);
    if let Err(problem) = cron::check(times) {
        let message = format!("`{}` is no schedule that Kubernetes takes: {problem}", cron.value);
        let finding = pass.finding(&**cron, slugs::UNMAPPABLE_KEY, message);
        pass.impossible(&**cron, finding.tip("write five fields, or a macro as `@daily`"));
        return None;
    }
    let why = pass.mapped(&**cron);
    fields.put("schedule", times, &why);
    let own = timezone.as_ref().map(|zone| (zone.value.as_str(), pass.mapped(&**zone)));
    if let Some((zone, why)) = own.or(zone.map(|zone| (zone, why))) {
        if !cron::is_zone(zone) {
            let value = timezone.as_ref().unwrap_or(cron);
            let message = format!("`{zone}` is no name of a time zone that Kubernetes takes");
            let finding = pass.finding(&**value, slugs::UNMAPPABLE_KEY, message);
            pass.impossible(&**value, finding.tip("write a name of the IANA database, as `Europe/Berlin`"));
            return None;
        }
        fields.put("timeZone", zone, &why);
    }
    let queues = concurrency.as_ref().is_some_and(|word| word.value == "queue");
    let skips = missed_fires.as_ref().is_some_and(|word| word.value == "skip");
    // Forbid alone starts a run that waited or was missed as soon as it can; a deadline starts neither.
    let exact = queues != skips;
    let said = (!exact).then_some((slugs::JOB_TRIGGER, message));
    let verdict = if exact { Verdict::Mapped } else { Verdict::Approximated };
    for value in [concurrency, missed_fires].into_iter().flatten() {
        pass.accounts.enter(Identity::of(&**value), verdict, said, false);
    }
    let why = concurrency
        .as_ref()
        .map_or(Why::Policy("Compose runs a job once at a time"), |word| pass.why(&**word));
    fields.put("concurrencyPolicy", "Forbid", &why);
    if let Some(missed) = missed_fires.as_ref().filter(|_| skips && !queues) {
        fields.put("startingDeadlineSeconds", 60, &pass.why(&**missed));
    }
    Some(fields)
}
