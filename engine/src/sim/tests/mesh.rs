//! Shards of a simulated node work for each other as on real threads.

use std::cell::RefCell;
use std::rc::Rc;

use crate::io::ShardId;
use crate::shard::{Mesh, QUEUE_DEPTH};
use crate::sim::{SimConfig, World};

/// Both shards of a node send the other one more work than the queue holds, all at once.
fn run(seed: u64) -> u64 {
    let mut world = World::new(seed, SimConfig::calm().with_shards(2));
    let mut ends = Vec::new();
    for place in Mesh::<RefCell<Vec<usize>>>::new(2).into_places() {
        let shard = place.shard();
        let node = world.node(0).shard(shard.0);
        let seat = place.seat(node.io());
        ends.push(node.spawn(move |io| async move {
            seat.open(Rc::default());
            let other = ShardId(1 - shard.0);
            let sent: Vec<_> = (0..QUEUE_DEPTH + 100)
                .map(|n| {
                    let seat = seat.clone();
                    io.spawn(async move {
                        let work = move |seen: Rc<RefCell<Vec<usize>>>| async move {
                            seen.borrow_mut().push(n);
                            n
                        };
                        seat.submit_to(other, work).await
                    })
                })
                .collect();
            let mut sum = 0;
            for one in sent {
                sum += one.await.unwrap().unwrap();
            }
            while seat.context().unwrap().borrow().len() < QUEUE_DEPTH + 100 {
                io.sleep(std::time::Duration::from_millis(1)).await;
            }
            sum
        }));
    }
    for end in ends {
        let many = QUEUE_DEPTH + 100;
        assert_eq!(world.join(end), many * (many - 1) / 2);
    }
    world.trace_hash()
}

#[test]
fn shards_work_for_each_other_the_same_way_twice() {
    assert_eq!(run(11), run(11));
}
