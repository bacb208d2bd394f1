//! Two pieces of work at the same time.

use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, scope};

/// From so many services on it pays to give a second thread a part: for fewer it would not, and other projects wait.
const MANY: usize = 1000;

/// Does both, at the same time where the services are many.
pub fn both_of<A, B: Send>(
    services: usize,
    first: impl FnOnce() -> A,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if services < MANY { (first(), second()) } else { both(first, second) }
}

/// Does both, the second in a thread of its own where the system gives one; the results do not depend on it.
pub fn both<A, B: Send>(first: impl FnOnce() -> A, second: impl FnOnce() -> B + Send) -> (A, B) {
    let second = Mutex::new(Some(second));
    let take = || second.lock().unwrap_or_else(PoisonError::into_inner).take();
    scope(|threads| {
        let thread = Builder::new().spawn_scoped(threads, || take().map(|second| second()));
        let first = first();
        let second = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // The system has no thread to give.
            Err(_) => take().map(|second| second()),
        };
        (first, second.expect("nobody else takes the work"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_results_come_back_in_their_places() {
        assert_eq!(both(|| 1, || "two"), (1, "two"));
        for services in [1, MANY] {
            assert_eq!(both_of(services, || 1, || "two"), (1, "two"));
        }
    }
}
