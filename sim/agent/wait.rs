//! Waiting for what becomes of a ticket.

use super::port::{Command, Completion, Port, Ticket};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

/// Resolves to a ticket's completion; dropped earlier, it tells the world that nobody waits any more.
pub(super) struct Waiting {
    port: Arc<dyn Port>,
    ticket: Ticket,
    over: bool,
}

impl Waiting {
    pub(super) fn new(port: Arc<dyn Port>, ticket: Ticket) -> Waiting {
        Waiting { port, ticket, over: false }
    }

    pub(super) const fn ticket(&self) -> Ticket {
        self.ticket
    }
}

impl Future for Waiting {
    type Output = Completion;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Completion> {
        match self.port.completed(self.ticket, context.waker()) {
            None => Poll::Pending,
            Some(completion) => {
                self.over = true;
                Poll::Ready(completion)
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.over {
            self.port.submit(Command::Forget(self.ticket));
        }
    }
}

/// The future's output, or `None` if the deadline is over first. The future is asked first, so that what has already
/// happened counts.
pub(super) async fn race<F: Future>(future: F, deadline: &mut Waiting) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        if deadline.over {
            return Poll::Ready(None);
        }
        Pin::new(&mut *deadline).poll(context).map(|_| None)
    })
    .await
}
