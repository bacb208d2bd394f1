//! The numbers of a probe: those of the file, else those of the image, else Docker's.

use crate::compose::codec::Field;
use crate::compose::health::Healthcheck;
use crate::compose::image_facts::Facts;
use crate::compose::units::Duration;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::quantity;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::span::Spanned;

/// A number and why it is that one.
pub type Number = (i64, Why);

/// The numbers of a probe, in seconds and failures.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// Seconds between two tests.
    pub interval: Number,
    /// Seconds that a test may take.
    pub timeout: Number,
    /// Failures in a row that count.
    pub retries: Number,
    /// Seconds in which failures do not count.
    pub start_period: Number,
    /// Seconds between two tests in that time.
    pub start_interval: Number,
}

const INTERVAL: Why = Why::Policy("Docker tests every 30 seconds");
const TIMEOUT: Why = Why::Policy("Docker gives a test 30 seconds");
const RETRIES: Why = Why::Policy("Docker takes 3 failures in a row for unhealthy");
const START_PERIOD: Why = Why::Policy("Docker gives no time of grace");
const START_INTERVAL: Why = Why::Policy("Docker tests every 5 seconds in the time of grace");

impl Timing {
    /// The numbers of a healthcheck; what it leaves open is the image's, and what that leaves open is Docker's.
    pub fn of<'p>(pass: &mut Pass<'p>, facts: &'p Facts, health: Option<&'p Spanned<Healthcheck>>) -> Self {
        let image = facts.healthcheck.known();
        let fact = image.map(|known| (pass.fact(&known.evidence), &known.value));
        let mut borrowed = false;
        let mut seconds = |pass: &mut Pass<'p>,
                           written: Option<&'p Field<Duration>>,
                           of_image: Option<Duration>,
                           default: i64,
                           policy: &Why| {
            let written = written.and_then(Option::as_ref);
            let why = written.map(|value| pass.mapped(&**value));
            let number = written.map(|value| value.value).filter(|duration| duration.0 > 0);
            match (number, why, of_image.filter(|duration| duration.0 > 0), &fact) {
                (Some(duration), Some(why), ..) => (seconds(duration), why),
                (None, _, Some(duration), Some((why, _))) => {
                    borrowed = true;
                    (seconds(duration), why.clone())
                }
                _ => (default, policy.clone()),
            }
        };
        let of_file = health.map(|health| &health.value);
        let of_image = image.map(|known| &known.value);
        let (file, known) = (of_file, of_image);
        let interval = seconds(
            pass,
            file.map(|health| &health.interval),
            known.and_then(|image| image.interval),
            30,
            &INTERVAL,
        );
        let timeout = seconds(
            pass,
            file.map(|health| &health.timeout),
            known.and_then(|image| image.timeout),
            30,
            &TIMEOUT,
        );
        let start_period = seconds(
            pass,
            file.map(|health| &health.start_period),
            known.and_then(|image| image.start_period),
            0,
            &START_PERIOD,
        );
        let start_interval = seconds(
            pass,
            file.map(|health| &health.start_interval),
            known.and_then(|image| image.start_interval),
            5,
            &START_INTERVAL,
        );
        let written = file.and_then(|health| health.retries.as_ref());
        let why = written.map(|retries| pass.mapped(&**retries));
        let number = written.map(|retries| retries.value.0).filter(|retries| *retries > 0);
        let of_image = known.and_then(|image| image.retries).filter(|retries| *retries > 0);
        let retries = match (number, why, of_image, &fact) {
            (Some(number), Some(why), ..) => (number.min(i64::from(i32::MAX)), why),
            (None, _, Some(number), Some((why, _))) => {
                borrowed = true;
                (i64::from(number).min(i64::from(i32::MAX)), why.clone())
            }
            _ => (3, RETRIES),
        };
        let tested =
            file.is_some_and(|health| health.test.as_ref().is_some_and(|test| !test.value.words.is_empty()));
        if let Some(health) = health.filter(|_| borrowed && tested) {
            let message =
                "numbers that the healthcheck leaves open are those of the image's HEALTHCHECK, as in Docker";
            let finding = pass.finding_at_key(health, slugs::IMAGE_HEALTHCHECK, message);
            pass.report(finding.tip("write the numbers in `healthcheck`"));
        }
        Self { interval, timeout, retries, start_period, start_interval }
    }

    /// The same numbers, where the request itself gives up after so many seconds.
    #[must_use]
    pub fn within(&self, limit: Option<i64>) -> Self {
        let mut timing = self.clone();
        if let Some(limit) = limit.filter(|limit| *limit > 0) {
            timing.timeout.0 = timing.timeout.0.min(limit);
        }
        timing
    }

    /// Writes the numbers of a probe that bears so many failures.
    pub fn write(&self, probe: &mut Fields, failures: &Number) {
        probe.put("periodSeconds", self.interval.0, &self.interval.1);
        probe.put("timeoutSeconds", self.timeout.0, &self.timeout.1);
        probe.put("failureThreshold", failures.0, &failures.1);
    }

    /// Writes the numbers of a probe for the start: it bears all failures of the time of grace, and the usual ones.
    pub fn write_start(&self, probe: &mut Fields) {
        let pace = if self.start_period.0 > 0 { &self.start_interval } else { &self.interval };
        let grace = (self.start_period.0 + pace.0 - 1) / pace.0;
        let failures = (grace.saturating_add(self.retries.0)).min(i64::from(i32::MAX));
        probe.put("periodSeconds", pace.0, &pace.1);
        probe.put("timeoutSeconds", self.timeout.0, &self.timeout.1);
        probe.put("failureThreshold", failures, &self.retries.1.and(&self.start_period.1));
    }
}

/// Whole seconds that fit into a field of the API, at least one.
fn seconds(duration: Duration) -> i64 {
    quantity::seconds(duration.0).clamp(1, i64::from(i32::MAX))
}
