//! Work that functions put off until their answer is out: a queue that the server, or a test, runs.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, join_all};
use tokio::sync::Notify;

/// The queue. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Deferred(Rc<Queue>);

#[derive(Default)]
struct Queue {
    waiting: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    arrival: Notify,
}

impl Deferred {
    pub fn push(&self, work: impl Future<Output = ()> + 'static) {
        self.0.waiting.borrow_mut().push(Box::pin(work));
        self.0.arrival.notify_one();
    }

    /// What waits, or `None` if nothing does.
    pub fn take(&self) -> Option<Vec<LocalBoxFuture<'static, ()>>> {
        let waiting = self.0.waiting.take();
        (!waiting.is_empty()).then_some(waiting)
    }

    /// Waits until something was pushed.
    pub async fn arrival(&self) {
        self.0.arrival.notified().await;
    }

    /// Runs what waits, and what that puts off in turn, to the end.
    pub async fn settle(&self) {
        while let Some(work) = self.take() {
            join_all(work).await;
        }
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deferred({} waiting)", self.0.waiting.borrow().len())
    }
}
