//! Whom the process runs as.

use crate::compose::codec::{Field, List};
use crate::compose::image_facts::{Fact, Facts};
use crate::compose::leaf::Count;
use crate::compose::project::items;
use crate::convert::draft::{Part, Seat};
use crate::convert::member::Member;
use crate::convert::options::Account;
use crate::convert::pass::Pass;
use crate::diag::{Finding, Posture, slugs};
use crate::plan::field::Field as Value;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `user`
    pub user: &'p Field<Text>,
    /// `group_add`
    pub group_add: &'p Field<List<Text>>,
    /// `umask`
    pub umask: &'p Field<Count>,
}

/// Whom the processes of a container run as, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum RunsAs {
    /// Numbers; without a group it is the one that the image's `/etc/passwd` gives.
    Numbers {
        /// The user.
        user: i64,
        /// The group.
        group: Option<i64>,
        /// How it is known.
        why: Why,
    },
    /// A name, of which nobody knows the number.
    Name(Text),
    /// Nobody says.
    Unknown,
}

/// The greatest number that Docker and the API take.
const GREATEST: i64 = i32::MAX as i64;

const POSTURE: Why = Why::Flag("--posture");

/// Whom a container with that `user` runs as: by flag, by the key, by what is known of its image.
#[must_use]
pub fn runs_as(pass: &Pass<'_>, member: &Member<'_>, user: &Field<Text>, facts: &Facts) -> RunsAs {
    if let Some(Account { user, group }) = mapped_by_flag(pass, member, user) {
        return RunsAs::Numbers { user, group, why: Why::Flag("--user-map") };
    }
    let Some(written) = user.as_deref().filter(|user| !is_unset(&user.value)) else {
        return by_image(pass, facts);
    };
    match numbers(&written.value, facts) {
        Some((user, group)) => RunsAs::Numbers { user, group, why: pass.why(written) },
        None => RunsAs::Name(written.value.clone()),
    }
}

/// What `--user-map` says of a container; one that runs before is meant too, unless it has a user of its own.
fn mapped_by_flag(pass: &Pass<'_>, member: &Member<'_>, user: &Field<Text>) -> Option<Account> {
    let word = |user: &Field<Text>| user.as_ref().map(|user| user.value.clone());
    let account = pass.options().user_map.get(member.name).copied()?;
    (word(user) == word(&member.container.user)).then_some(account)
}

/// Two variables without values, as in `${UID}:${GID}`, leave a colon: the image's own user, as in Docker.
fn is_unset(user: &str) -> bool {
    matches!(user, "" | ":")
}

/// The numbers of `user` or `user:group`; none when a name is not known.
fn numbers(written: &str, facts: &Facts) -> Option<(i64, Option<i64>)> {
    let (user, group) = written.split_once(':').map_or((written, None), |(user, group)| (user, Some(group)));
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten().filter(|number| *number <= GREATEST)
    };
    let known_user = || facts.accounts.get(user).map(|known| i64::from(known.value.uid));
    let known_group = |group: &str| facts.groups.get(group).map(|known| i64::from(known.value));
    let root = |name: &str| (name == "root").then_some(0);
    let uid = number(user).or_else(|| root(user)).or_else(known_user)?;
    let gid = match group.filter(|group| !group.is_empty()) {
        Some(group) => Some(number(group).or_else(|| root(group)).or_else(|| known_group(group))?),
        None => None,
    };
    Some((uid, gid))
}

fn by_image(pass: &Pass<'_>, facts: &Facts) -> RunsAs {
    match &facts.user {
        Fact::Present(known) => match known.value.uid() {
            Some(user) => {
                let group = known.value.group.as_ref().and_then(|_| known.value.gid()).map(i64::from);
                RunsAs::Numbers { user: user.into(), group, why: pass.fact(&known.evidence) }
            }
            None => RunsAs::Unknown,
        },
        Fact::Absent(evidence) => RunsAs::Numbers { user: 0, group: None, why: pass.fact(evidence) },
        Fact::Unknown => RunsAs::Unknown,
    }
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { user, group_add, umask } = keys;
    if seat.part == Part::Main && pass.at_least(Posture::Restricted) {
        seat.pod.agree(Part::Main, &["securityContext", "runAsNonRoot"], true, &POSTURE);
    }
    match user.as_deref() {
        Some(written) if !is_unset(&written.value) => self::written(pass, seat, user, written),
        unset => {
            if let Some(unset) = unset {
                pass.consumed(unset);
            }
            of_image(pass, seat, user);
        }
    }
    for group in items(group_add) {
        self::group(pass, seat, group);
    }
    if let Some(umask) = umask {
        let message = format!("`{}` sets a umask; a container has the one of its runtime", seat.member.name);
        let finding = pass.finding(umask, slugs::DROPPED_KEY, message);
        pass.dropped(umask, finding.tip("set it in the program or in its entrypoint"));
    }
}

/// A user that the key names.
fn written<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    key: &'p Field<Text>,
    written: &'p Spanned<Text>,
) {
    let name = seat.member.name;
    let RunsAs::Numbers { user, group, mut why } = runs_as(pass, &seat.member, key, seat.facts) else {
        let message = format!(
            "`{name}` runs as `{}`, and nothing tells the number; a pod takes numbers only",
            written.value
        );
        let finding =
            pass.finding(written, slugs::NAMED_USER, message).tip(map_tip(name, "write the number"));
        if pass.refused(written, finding).is_some() {
            may_be_root(pass, seat);
        }
        return;
    };
    let own = numbers(&written.value, seat.facts);
    if own.is_none_or(|own| own == (user, group)) {
        why = pass.mapped(written);
    } else {
        let message = format!("`--user-map` has `{name}` run as {user} instead of `{}`", written.value);
        let finding = pass.finding(written, slugs::APPROXIMATED_KEY, message);
        pass.approximated(written, finding);
    }
    if user == 0 {
        let finding = pass.finding(written, slugs::ROOT_USER, root(name)).tip(root_tip(name));
        if !pass.at_least(Posture::Restricted) {
            pass.report(finding);
        } else if pass.refused(written, finding).is_some() {
            may_be_root(pass, seat);
        } else {
            return;
        }
    }
    put(seat, user, group, &why);
}

/// Nobody names a user: the image's own applies, and from restricted on it has to be known.
fn of_image<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, key: &'p Field<Text>) {
    let name = seat.member.name;
    let runs_as = runs_as(pass, &seat.member, key, seat.facts);
    if let RunsAs::Numbers { user, group, why: why @ Why::Flag(_) } = &runs_as {
        if *user == 0 && pass.at_least(Posture::Restricted) {
            let finding = pass.finding_of(&seat.member, slugs::ROOT_USER, root(name)).tip(root_tip(name));
            if !pass.lacking(&seat.member, finding) {
                return;
            }
            may_be_root(pass, seat);
        }
        put(seat, *user, *group, why);
        return;
    }
    if !pass.at_least(Posture::Restricted) {
        // The kubelet takes the number of the image's user and forgets the group beside it.
        if let RunsAs::Numbers { user, group: group @ Some(_), why } = &runs_as
            && *user != 0
        {
            put(seat, *user, *group, why);
            return;
        }
        if matches!(runs_as, RunsAs::Unknown) && seat.facts.settles_as.is_none() {
            let message =
                format!("nothing says whom `{name}` runs as; where pods must not be root, it does not start");
            let finding = pass.finding_of(&seat.member, slugs::UNSPECIFIED_USER, message);
            pass.report(finding.tip(map_tip(name, "write `user` with a number")));
        }
        return;
    }
    if let RunsAs::Numbers { user, group, why } = &runs_as
        && *user != 0
    {
        put(seat, *user, *group, why);
        return;
    }
    if let Some(settled) = &seat.facts.settles_as
        && let Some(user) = settled.value.uid()
    {
        let why = pass.fact(&settled.evidence);
        put(seat, user.into(), settled.value.gid().map(i64::from), &why);
        return;
    }
    let message = if matches!(runs_as, RunsAs::Unknown) {
        format!("nothing says whom `{name}` runs as; a restricted pod has to be known not to be root")
    } else {
        format!("`{name}` runs as root, because its image says nothing else; a restricted pod may not")
    };
    let finding: Finding = pass.finding_of(&seat.member, slugs::UNSPECIFIED_USER, message);
    let finding = finding.tip(map_tip(name, "write `user` with a number"));
    if pass.lacking(&seat.member, finding) {
        may_be_root(pass, seat);
    }
}

fn root(name: &str) -> String {
    format!("`{name}` runs as root; a restricted pod may not")
}

fn root_tip(name: &str) -> String {
    map_tip(name, "write a number that is not 0")
}

fn map_tip(name: &str, first: &str) -> String {
    format!("{first}, or pass `--user-map {name}=UID:GID`")
}

/// What is allowed to be root is not held back by what its pod demands.
fn may_be_root(pass: &Pass<'_>, seat: &mut Seat<'_, '_>) {
    if pass.at_least(Posture::Restricted) {
        seat.container.map("securityContext").put("runAsNonRoot", false, &Why::Flag("--allow"));
    }
}

fn put(seat: &mut Seat<'_, '_>, user: i64, group: Option<i64>, why: &Why) {
    let context = seat.container.map("securityContext");
    context.put("runAsUser", user, why);
    if let Some(group) = group {
        context.put("runAsGroup", group, why);
    }
}

fn group<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, written: &'p Spanned<Text>) {
    let Some((number, None)) = numbers(&written.value, &Facts::default())
        .or_else(|| seat.facts.groups.get(&written.value).map(|known| (i64::from(known.value), None)))
    else {
        let name = seat.member.name;
        let message = format!(
            "`{name}` has the group `{}`, and nothing tells its number; a pod takes numbers only",
            written.value
        );
        let finding = pass.finding(written, slugs::NAMED_USER, message).tip("write the number of the group");
        pass.refused(written, finding);
        return;
    };
    let why = pass.mapped(written);
    let way = &["securityContext", "supplementalGroups"];
    seat.pod.agree_item(seat.part, way, Value::leaf(number, &why), &why);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::image_facts::{AccountNumbers, Evidence, Known};

    #[test]
    fn users_are_numbers_or_names_that_the_image_knows() {
        let evidence = Evidence::Metadata { file: "a.json".into(), image: "a".into() };
        let mut facts = Facts::default();
        let numbers_of_app = AccountNumbers { uid: 101, gid: Some(102) };
        facts.accounts.insert("app".into(), Known { value: numbers_of_app, evidence: evidence.clone() });
        facts.groups.insert("www".into(), Known { value: 33, evidence });
        for (written, expected) in [
            ("1000", Some((1000, None))),
            ("1000:100", Some((1000, Some(100)))),
            ("root:root", Some((0, Some(0)))),
            ("app", Some((101, None))),
            ("app:www", Some((101, Some(33)))),
            ("1000:", Some((1000, None))),
            ("2147483648", None),
            ("other", None),
            ("app:other", None),
            (":33", None),
        ] {
            assert_eq!(numbers(written, &facts), expected, "{written}");
        }
    }
}
