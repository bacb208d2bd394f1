//! Workloads: selector and template, updates, schedules.

use serde_json::Value;

use super::syntax::percent;
use super::{metadata, pod, selector, storage};
use crate::k8s::cron;
use crate::k8s::name::is_label;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks a workload that keeps pods running.
pub(super) fn check(problems: &mut Problems, spec: &Cursor, kind: &str) {
    let claims = spec.get("volumeClaimTemplates");
    let claims: Vec<Cursor> = claims.iter().flat_map(Cursor::items).collect();
    let claim_metadata: Vec<Cursor> = claims.iter().filter_map(|claim| claim.get("metadata")).collect();
    let names = claim_metadata.iter().map(|metadata| metadata.text("name")).collect();
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        problems.between(spec, field, 0, i64::MAX);
    }
    let template = spec.get("template");
    if let Some(template) = &template {
        self::template(problems, template, &pod::Frame { kind, claims: names });
    }
    if let Some(wanted) = spec.get("selector") {
        matches(problems, &wanted, template.as_ref());
    }
    for (claim, metadata) in claims.iter().zip(&claim_metadata) {
        problems.shape(metadata, "name", is_label, "at most 63 small letters, digits and `-`");
        if let Some(spec) = claim.get("spec") {
            storage::claim(problems, &spec);
        }
    }
    update(problems, spec, kind);
}

fn matches(problems: &mut Problems, wanted: &Cursor, template: Option<&Cursor>) {
    selector::check(problems, wanted);
    if !wanted.is_filled() {
        return problems.at(wanted, "must not be empty: it would take every pod");
    }
    let metadata = template.and_then(|template| template.get("metadata"));
    let labels = metadata.as_ref().and_then(|metadata| metadata.get("labels"));
    if template.is_some() && !selector::takes(wanted, labels.as_ref()) {
        problems.at(wanted, "does not match the labels of the template");
    }
}

fn template(problems: &mut Problems, template: &Cursor, frame: &pod::Frame) {
    if let Some(marks) = template.get("metadata") {
        metadata::marks(problems, &marks);
    }
    match template.get("spec") {
        Some(spec) => pod::check(problems, &spec, frame),
        None => problems.required(template, "spec"),
    }
}

fn update(problems: &mut Problems, spec: &Cursor, kind: &str) {
    if kind == "Deployment" {
        deadline(problems, spec);
    }
    let Some(strategy) = spec.get(if kind == "Deployment" { "strategy" } else { "updateStrategy" }) else {
        return;
    };
    if let Some(rolling) = strategy.get("rollingUpdate") {
        if matches!(strategy.text("type"), "Recreate" | "OnDelete") {
            problems.at(&rolling, format!("must be absent when `type` is `{}`", strategy.text("type")));
        }
        for field in ["maxSurge", "maxUnavailable"] {
            amount(problems, &rolling, field);
        }
        let is_none = |field: &str, default: bool| match rolling.value.get(field) {
            None | Some(Value::Null) => default,
            Some(value) => value.as_i64() == Some(0) || value.as_str().and_then(percent) == Some(0),
        };
        // A DaemonSet has one pod more nowhere unless it says so; a Deployment has a quarter of both.
        if kind != "StatefulSet"
            && is_none("maxUnavailable", false)
            && is_none("maxSurge", kind == "DaemonSet")
        {
            problems.below(
                &rolling,
                "maxUnavailable",
                "must not be 0 when `maxSurge` is 0: no pod could be replaced",
            );
        }
    }
}

/// The server waits ten minutes when a Deployment does not say how long.
fn deadline(problems: &mut Problems, spec: &Cursor) {
    let most = spec.number("progressDeadlineSeconds").unwrap_or(600);
    if most <= spec.number("minReadySeconds").unwrap_or(0) {
        problems.below(spec, "progressDeadlineSeconds", "must be more than `minReadySeconds`");
    }
}

/// A number or a share of all.
pub(super) fn amount(problems: &mut Problems, place: &Cursor, field: &str) {
    problems.between(place, field, 0, i64::MAX);
    problems.shape(place, field, |text| percent(text).is_some(), "a number or a share such as `25%`");
}

/// Checks a Job.
pub(super) fn job(problems: &mut Problems, spec: &Cursor) {
    run(problems, spec, "Job");
}

fn run(problems: &mut Problems, spec: &Cursor, kind: &str) {
    for field in
        ["backoffLimit", "completions", "parallelism", "activeDeadlineSeconds", "ttlSecondsAfterFinished"]
    {
        problems.between(spec, field, 0, i64::MAX);
    }
    if let Some(template) = spec.get("template") {
        self::template(problems, &template, &pod::Frame { kind, claims: Vec::new() });
    }
}

/// Checks a CronJob.
pub(super) fn cron_job(problems: &mut Problems, spec: &Cursor) {
    let schedule = spec.text("schedule");
    if schedule.is_empty() {
        problems.need(spec, "schedule");
    } else if let Err(reason) = cron::check(schedule) {
        problems.below(spec, "schedule", reason);
    }
    problems.shape(spec, "timeZone", cron::is_zone, "the name of a time zone such as `Europe/Berlin`");
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        problems.between(spec, field, 0, i64::MAX);
    }
    let job = spec.get("jobTemplate");
    match job.as_ref().and_then(|job| job.get("spec")) {
        Some(job) => run(problems, &job, "CronJob"),
        None => problems.deep(spec, "jobTemplate.spec"),
    }
}
