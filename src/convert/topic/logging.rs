//! Where the output goes.

use crate::compose::codec::Field;
use crate::compose::container::Logging;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::slugs;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `logging`
    pub logging: &'p Field<Logging>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { logging: Some(logging) } = keys else { return };
    // Extension keys are accounted for at one place, wherever they stand.
    let Logging { driver, options, extensions: _ } = &logging.value;
    let name = seat.member.name;
    let word = driver.as_ref().map_or("", |driver| driver.value.as_str());
    let (rule, message) = match word {
        "" | "json-file" | "local" => {
            if options.as_ref().is_none_or(|options| options.value.is_empty()) {
                if let Some(driver) = driver {
                    pass.mapped(driver);
                }
                return;
            }
            let message =
                format!("the output of `{name}` is kept by the node, which rotates it by its own rules");
            (slugs::APPROXIMATED_KEY, message)
        }
        "none" => {
            let message = format!("`{name}` throws its output away; a node keeps that of every container");
            (slugs::LOG_DRIVER, message)
        }
        _ => {
            let message =
                format!("the log driver `{word}` of `{name}` stays behind; a node keeps the output");
            (slugs::LOG_DRIVER, message)
        }
    };
    let finding = match driver {
        Some(driver) => pass.finding(driver, rule, message),
        None => pass.finding_at_key(logging, rule, message),
    };
    if rule == slugs::APPROXIMATED_KEY {
        pass.approximated(logging, finding);
    } else if word == "none" {
        pass.dropped(logging, finding);
    } else {
        pass.dropped(logging, finding.tip("have a collector of the cluster ship what the nodes keep"));
    }
}
