//! The user of an image: `uid[:gid]`, or names.

use crate::compose::image_facts::{Account, Facts, User};
use crate::source::Text;

/// Reads a user; the accounts that are known of the image give names their numbers.
pub(super) fn read(text: &str, facts: &Facts) -> User {
    let (user, group) = match text.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    };
    let known = facts.accounts.get(user).map(|known| known.value);
    let account = match number(user) {
        Some(number) => Account::Number(number),
        None if user == "root" => Account::Name(Text::new_static("root"), Some(0)),
        None => Account::Name(Text::new(user), known.map(|account| account.uid)),
    };
    let group = group.filter(|group| !group.is_empty()).map(|group| match number(group) {
        Some(number) => Account::Number(number),
        None if group == "root" => Account::Name(Text::new_static("root"), Some(0)),
        None => Account::Name(Text::new(group), facts.groups.get(group).map(|known| known.value)),
    });
    let own_group = match &account {
        Account::Name(name, _) if name == "root" => Some(0),
        Account::Name(..) => known.and_then(|account| account.gid),
        // Docker gives a number the group of the account that has it; 0 is root's everywhere.
        Account::Number(0) => Some(0),
        Account::Number(uid) => {
            let mut accounts = facts.accounts.values().filter(|known| known.value.uid == *uid);
            accounts.next().and_then(|known| known.value.gid)
        }
    };
    User { user: account, group, own_group }
}

/// A number that the kernel takes for an account.
pub(super) fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= i32::MAX.unsigned_abs())
}

/// Gives names the numbers that are known of the image meanwhile.
pub(super) fn settle(user: &mut User, facts: &Facts) {
    let account = match &user.user {
        Account::Name(name, None) => facts.accounts.get(name).map(|known| known.value),
        Account::Name(..) | Account::Number(_) => None,
    };
    if let (Account::Name(_, number @ None), Some(account)) = (&mut user.user, account) {
        *number = Some(account.uid);
        user.own_group = account.gid;
    }
    if let Some(Account::Name(name, number @ None)) = &mut user.group {
        *number = facts.groups.get(name).map(|known| known.value);
    }
}
