//! Rights: capabilities, profiles, system controls, the root file system.

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `privileged`
    pub privileged: &'p Field<bool>,
    /// `cap_add`
    pub cap_add: &'p Field<List<Text>>,
    /// `cap_drop`
    pub cap_drop: &'p Field<List<Text>>,
    /// `security_opt`
    pub security_opt: &'p Field<List<Text>>,
    /// `read_only`
    pub read_only: &'p Field<bool>,
    /// `sysctls`
    pub sysctls: &'p Field<Map<Loose>>,
    /// `userns_mode`
    pub userns_mode: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { privileged, cap_add, cap_drop, security_opt, read_only, sysctls, userns_mode } = keys;
    let _ = (pass, seat, privileged, cap_add, cap_drop, security_opt, read_only, sysctls, userns_mode);
}
