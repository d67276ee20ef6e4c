//! Every moment of a workload at which the power could have gone, and the disks it could leave.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Seat;
use super::disk::{CrashPlan, Disk, Fate};
use super::operation::DiskOp;
use super::rng::Rng;
use super::state::State;
use crate::arena::Slice;
use crate::io::OpId;

/// Points kept of one recording.
const POINTS_MAX: usize = 20_000;

/// A moment: after an operation was started or had completed.
#[derive(Clone, Debug)]
pub struct CrashPoint {
    /// Nanoseconds on the world's clock.
    pub time: u64,
    /// What the workload told through its observer: what it had been promised by then.
    pub observed: u64,
    /// The operation that was started or completed last.
    pub after: String,
    disk: Disk,
    in_flight: Vec<Rc<DiskOp>>,
}

/// A disk that a crash may have left.
#[derive(Clone, Debug)]
pub struct CrashState {
    /// The disk, as found by the next start.
    pub disk: Disk,
    /// What the workload had been promised.
    pub observed: u64,
    /// Names the state: point, last operation and fate.
    pub label: String,
}

pub(super) struct Recorder {
    pub(super) points: Vec<CrashPoint>,
    observe: Box<dyn Fn() -> u64>,
    in_flight: BTreeMap<(u16, OpId), Rc<DiskOp>>,
}

impl Recorder {
    pub(super) fn new(observe: Box<dyn Fn() -> u64>) -> Self {
        Self { points: Vec::new(), observe, in_flight: BTreeMap::new() }
    }
}

impl State {
    /// Notes the state of a node's disk, if it is being recorded.
    pub(super) fn note_crash_point(&mut self, seat: Seat, id: OpId, op: Option<&DiskOp>) {
        let time = self.now;
        let node = &mut self.nodes[seat.node];
        let Some(recorder) = &mut node.recorder else { return };
        let after = match op {
            Some(op) => {
                let op = copy(op);
                let text = format!("start of {op:?}");
                recorder.in_flight.insert((seat.shard, id), Rc::new(op));
                text
            }
            None => {
                let op = recorder.in_flight.remove(&(seat.shard, id));
                format!("end of {op:?}")
            }
        };
        if recorder.points.len() < POINTS_MAX {
            recorder.points.push(CrashPoint {
                time,
                observed: (recorder.observe)(),
                after,
                disk: node.disk.clone(),
                in_flight: recorder.in_flight.values().cloned().collect(),
            });
        }
    }
}

/// A copy that holds no memory of a shard.
fn copy(op: &DiskOp) -> DiskOp {
    match op {
        DiskOp::Write { file, offset, bytes, durable } => DiskOp::Write {
            file: *file,
            offset: *offset,
            bytes: Slice::copy_from(bytes),
            durable: *durable,
        },
        other => other.clone_plain(),
    }
}

/// Rebuilds the disks that a crash at each of `points` may leave, and runs `recover` on each:
/// nothing lost, everything lost, each change lost or kept alone where they are few, and `samples`
/// random mixtures with torn writes. Returns how many there were.
///
/// The label of a state names it when `recover` panics; the same arguments give the same states.
pub fn enumerate(
    points: &[CrashPoint],
    samples: usize,
    seed: u64,
    mut recover: impl FnMut(CrashState),
) -> usize {
    let mut count = 0;
    for (number, point) in points.iter().enumerate() {
        let mut rng = Rng::new(seed ^ (number as u64) << 32);
        let all = point.in_flight.len();
        let mut plans: Vec<(CrashPlan, Vec<bool>)> = vec![
            (CrashPlan::lost(), vec![false; all]),
            (CrashPlan::kept(), vec![true; all]),
            (CrashPlan { tree: Fate::Kept, ..CrashPlan::lost() }, vec![false; all]),
            (CrashPlan { tree: Fate::Lost, ..CrashPlan::kept() }, vec![true; all]),
        ];
        let changes = point.disk.tree_choices();
        if (1..=SINGLES_MAX).contains(&changes) {
            for i in 0..changes {
                plans.push((
                    CrashPlan { tree: Fate::AllBut(i), ..CrashPlan::kept() },
                    vec![true; all],
                ));
                plans.push((
                    CrashPlan { tree: Fate::Only(i), ..CrashPlan::lost() },
                    vec![false; all],
                ));
            }
        }
        for _ in 0..samples {
            let plan = CrashPlan::random(rng.next());
            plans.push((plan, (0..all).map(|_| rng.chance(0.5)).collect()));
        }
        for (plan, begun) in plans {
            let mut disk = point.disk.clone();
            for (op, begun) in point.in_flight.iter().zip(&begun) {
                if *begun {
                    copy(op).apply(&mut disk);
                }
            }
            let label =
                format!("crash point {number} after {}, {plan:?}, begun {begun:?}", point.after);
            disk.crash(&plan);
            recover(CrashState { disk, observed: point.observed, label });
            count += 1;
        }
    }
    count
}

/// Changes to the tree up to which each is tried alone.
const SINGLES_MAX: usize = 6;
