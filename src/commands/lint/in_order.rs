//! Work on many items at once, with results in the order of the items.

use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use crate::commands::threads;

/// The most results that are ready or in work and not yet taken. The limit bounds the memory of a run over many items.
const MOST_AHEAD: usize = 256;

/// Calls `make` for each item, on as many threads as rayon has, and `take` for each result in the order of the items.
///
/// The threads are not those of rayon: a thread that waits for a part of its own work must not begin another item.
///
/// # Errors
///
/// The first error of `take`. The items behind it are left out.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R, &T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let threads = threads::count().min(items.len());
    if threads < 2 {
        return items.iter().try_for_each(|item| take(make(item), item));
    }
    let queue = Queue::new(items.len());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, queue, make) = (sender.clone(), &queue, &make);
            scope.spawn(move || {
                let _stopped = StopOnPanic(queue);
                while let Some(at) = queue.next() {
                    // The receiver is gone after an error.
                    let _ = sender.send((at, make(&items[at])));
                }
            });
        }
        drop(sender);
        let mut early = HashMap::new();
        let mut taken = 0;
        for (at, result) in receiver {
            early.insert(at, result);
            while let Some(result) = early.remove(&taken) {
                let done = take(result, &items[taken]);
                taken += 1;
                if done.is_err() {
                    queue.stop();
                    return done;
                }
                queue.taken(taken);
            }
        }
        Ok(())
    })
}

/// The items that wait for a thread.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    next: usize,
    end: usize,
    taken: usize,
}

impl Queue {
    fn new(end: usize) -> Self {
        Self { state: Mutex::new(State { next: 0, end, taken: 0 }), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item, once the results before it are not too many. `None` if there is none left.
    fn next(&self) -> Option<usize> {
        let is_full = |state: &mut State| state.next < state.end && state.next >= state.taken + MOST_AHEAD;
        let waited = self.changed.wait_while(self.state(), is_full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        (state.next < state.end).then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    fn taken(&self, taken: usize) {
        let mut state = self.state();
        let was_full = state.next >= state.taken + MOST_AHEAD;
        state.taken = taken;
        if was_full {
            self.changed.notify_all();
        }
    }

    fn stop(&self) {
        self.state().end = 0;
        self.changed.notify_all();
    }
}

/// Lets the other threads end if one of them panics.
struct StopOnPanic<'q>(&'q Queue);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn results_come_in_order() {
        let items: Vec<usize> = (0..2000).collect();
        let mut taken = Vec::new();
        let slow = |item: &usize| {
            if item.is_multiple_of(97) {
                thread::yield_now();
            }
            item * 2
        };
        let done = in_order(&items, slow, |result, item| {
            taken.push((*item, result));
            Ok(())
        });
        done.unwrap();
        assert_eq!(taken, items.iter().map(|item| (*item, item * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..2000).collect();
        let mut last = 0;
        let done = in_order(
            &items,
            |item| *item,
            |result, _| {
                last = result;
                if result == 700 { bail!("no room") } else { Ok(()) }
            },
        );
        assert_eq!((done.unwrap_err().to_string(), last), ("no room".to_owned(), 700));
    }
}
