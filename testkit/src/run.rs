//! Running futures that wait for nothing but one another.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Polls before a future counts as dead. What waits for a lock is woken long before.
const DEAD_AFTER: u32 = 10_000;
/// Polls before one that has to end counts as stuck: sending 20 000 items takes some tens of thousands.
const STUCK_AFTER: u32 = 1_000_000;

/// Runs a future to its end.
///
/// # Panics
/// Where it never ends: a deadlock, or a death that the test did not expect.
pub fn finish<F: Future>(future: F) -> F::Output {
    #[expect(clippy::panic, reason = "this is how a test fails")]
    poll(future, STUCK_AFTER).unwrap_or_else(|| panic!("the future never ends"))
}

/// Runs a future to its end; `None` where it stops for ever, which is what a worker's death looks
/// like from outside. The future is dropped then.
pub fn until_death<F: Future>(future: F) -> Option<F::Output> {
    poll(future, DEAD_AFTER)
}

fn poll<F: Future>(future: F, times: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Runs two futures side by side to their ends.
///
/// # Panics
/// As [`finish`].
pub fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    finish(std::future::poll_fn(move |context| {
        if of_a.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            of_a = Some(output);
        }
        if of_b.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            of_b = Some(output);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
    }))
}

/// Waits once, so that others may run.
pub async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            Poll::Ready(())
        } else {
            // On a runtime that sleeps until it is woken it goes on too.
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
