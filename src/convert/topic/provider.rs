//! Services that no container provides.

use std::collections::BTreeMap;

use crate::compose::codec::Field;
use crate::compose::project::entries;
use crate::compose::service::Provider;
use crate::convert::draft::Draft;
use crate::convert::hint::Hint;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::name::is_subdomain;
use crate::plan::why::Why;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `provider`
    pub provider: &'p Field<Provider>,
}

/// The hint that names the Secret with the variables that a provider would set.
const HINT: &str = "provider-env";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { provider: Some(provider) } = keys else { return };
    let name = draft.member.name;
    let kind = provider.value.kind.as_ref().map_or("", |kind| kind.value.as_str());
    if let Some(secret) = secret(draft) {
        let message = format!(
            "`{name}` is provided by `{kind}` outside the cluster; its dependents get their variables from the Secret \
             `{secret}`, which must be there"
        );
        let finding = pass.finding_at_key(provider, slugs::EXTERNAL_RESOURCE, message);
        pass.approximated(provider, finding);
        pass.leave_out(&draft.member, None);
        return;
    }
    let message = format!(
        "`{name}` is provided by the program `{kind}` beside Docker, which tells its dependents their variables; \
         nothing does that on Kubernetes"
    );
    let finding = pass.finding_at_key(provider, slugs::DELEGATED_SERVICE, message).tip(format!(
        "put the variables `{}_…` into a Secret, and name it: `x-transship: {{provider-env: SECRET}}`",
        name.to_uppercase().replace('-', "_")
    ));
    if pass.refused(provider, finding).is_some() {
        // No container stands for it: when that is allowed, it is left out without an error.
        pass.leave_out(&draft.member, None);
    }
}

fn secret(draft: &Draft<'_>) -> Option<Text> {
    Hint::of(&draft.member, HINT)?.text().filter(|secret| is_subdomain(secret))
}

/// Gives the dependents of provided services their variables, from the Secrets that hints name.
pub fn supply<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let mut secrets: BTreeMap<&'p str, (Text, Why)> = BTreeMap::new();
    for draft in drafts.iter() {
        let provided = draft.member.service().is_some_and(|service| service.provider.is_some());
        if provided
            && let Some(secret) = secret(draft)
            && let Some(hint) = pass.hint(&draft.member, HINT)
        {
            secrets.insert(draft.member.name, (secret, hint.mapped(pass)));
        }
    }
    if secrets.is_empty() {
        return;
    }
    for draft in drafts {
        for (dependency, _) in entries(&draft.member.workload.depends_on) {
            if let Some((secret, why)) = secrets.get(dependency.as_str()) {
                let source = draft.container.list("envFrom").push_map();
                source.map("secretRef").put("name", secret, why);
            }
        }
    }
}
