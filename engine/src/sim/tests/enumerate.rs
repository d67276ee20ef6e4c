use std::cell::Cell;
use std::rc::Rc;

use super::*;
use crate::sim::{SimConfig, World, enumerate};

/// Replaces a file's content by way of a temporary one, `times` times; tells how often it was
/// promised. `careful` syncs the directory before it promises.
fn replace(careful: bool, times: u64) -> Vec<crate::sim::CrashPoint> {
    let mut world = World::new(1, SimConfig::calm());
    let promised = Rc::new(Cell::new(0));
    let observed = promised.clone();
    world.record(0, move || observed.get());
    world.block_on(0, move |io| async move {
        for n in 1..=times {
            let file = create(&io, "/new", false).await;
            file.write_at(0, block(n as u8), CACHED).await.unwrap();
            file.sync().await.unwrap();
            io.rename("/new", "/current").await.unwrap();
            if careful {
                io.sync_dir("/").await.unwrap();
            }
            promised.set(n);
        }
    });
    world.recorded(0)
}

fn broken_promises(points: &[crate::sim::CrashPoint]) -> (usize, usize) {
    let mut broken = 0;
    let all = enumerate(points, 5, 42, |state| {
        let mut world = World::new(1, SimConfig::calm());
        world.crash(0);
        world.set_disk(0, state.disk);
        world.restart(0);
        let found = world.disk(0, |disk| disk.contents("/current").unwrap_or_default());
        let n = found.first().copied().unwrap_or(0);
        let whole = found.is_empty() || found == [n; BLOCK_BYTES];
        broken += usize::from(!whole || u64::from(n) < state.observed);
    });
    (broken, all)
}

#[test]
fn a_careful_program_keeps_its_promises_in_every_state() {
    let (broken, all) = broken_promises(&replace(true, 3));
    assert_eq!(broken, 0);
    assert!(all > 200, "{all}");
}

#[test]
fn a_missing_directory_sync_is_found() {
    let (broken, _) = broken_promises(&replace(false, 3));
    assert!(broken > 0);
}
