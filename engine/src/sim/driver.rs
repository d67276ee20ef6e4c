//! The driver that a simulated shard sees.

use std::cell::RefCell;
use std::rc::Rc;

use super::Seat;
use super::state::State;
use crate::io::{Completion, Driver, Op, OpId, Wait};

/// Hands operations to the world; the world delivers completions by itself.
pub(super) struct SimDriver {
    state: Rc<RefCell<State>>,
    seat: Seat,
}

impl SimDriver {
    pub(super) fn new(state: Rc<RefCell<State>>, seat: Seat) -> Self {
        Self { state, seat }
    }
}

impl Driver for SimDriver {
    fn submit(&mut self, id: OpId, op: Op) {
        self.state.borrow_mut().submit(self.seat, id, op);
    }

    fn cancel(&mut self, id: OpId) {
        self.state.borrow_mut().cancel(self.seat, id);
    }

    fn turn(&mut self, _wait: Wait, out: &mut Vec<Completion>) {
        let mut state = self.state.borrow_mut();
        if state.alive(self.seat) {
            out.append(&mut state.shard(self.seat).inbox);
        }
    }

    fn now(&self) -> u64 {
        self.state.borrow().now
    }

    fn wall_ms(&self) -> i64 {
        self.state.borrow().wall_ms(self.seat.node)
    }

    fn random(&mut self) -> u64 {
        let mut state = self.state.borrow_mut();
        if state.alive(self.seat) { state.shard(self.seat).rng.next() } else { state.rng.next() }
    }
}
