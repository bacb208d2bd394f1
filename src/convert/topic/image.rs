//! The image: its name, when it is pulled, and for which platform.

use crate::compose::codec::Field;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `image`
    pub image: &'p Field<Text>,
    /// `pull_policy`
    pub pull_policy: &'p Field<Text>,
    /// `pull_refresh_after`
    pub pull_refresh_after: &'p Field<Text>,
    /// `platform`
    pub platform: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { image, pull_policy, pull_refresh_after, platform } = keys;
    if let Some(image) = image {
        let why = pass.mapped(image);
        seat.container.put("image", &image.value, &why);
    }
    let _ = (pull_policy, pull_refresh_after, platform);
}
