//! Language models that the platform provides.

use super::codec::{List, mapping};
use crate::source::Text;

mapping! {
    /// A language model.
    LanguageModel {
        /// The size of its context.
        context_size: i64,
        /// The artifact.
        model: Text,
        /// Its name.
        name: Text,
        /// Flags of the inference engine.
        runtime_flags: List<Text>,
    }
    extensions
}

mapping! {
    /// How a service learns of a language model.
    ModelUse {
        /// The variable that gets the address.
        endpoint_var: Text,
        /// The variable that gets the name.
        model_var: Text,
    }
    extensions
}
