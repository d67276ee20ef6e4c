//! Small files as a whole: reading, and replacing so that a crash leaves the old or the new one.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::Poll;

use crate::arena::{Buf, Slice};
use crate::io::{Durability, Io, OpenOptions};
use crate::mutants::{self, Mutant};

/// Largest file read as a whole, in bytes: bounds what a damaged directory can make us allocate.
const WHOLE_BYTES_MAX: u64 = 2 << 30;

/// Reads a file; nothing when it does not exist.
pub(super) async fn read_file(io: &Io, path: &Path) -> io::Result<Option<Buf>> {
    let Some(stat) = io.stat(path).await? else { return Ok(None) };
    if stat.len > WHOLE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than any file of its kind"));
    }
    let length = stat.len as usize;
    let file = io.open(path, OpenOptions::default()).await?;
    file.read_at(0, Buf::heap(length), length).await.map(Some)
}

/// Replaces a file, or creates it; durable when this returns.
pub(super) async fn replace_file(io: &Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = parent.join(name);
    write_file(io, &temporary, bytes).await?;
    io.rename(temporary, path).await?;
    if mutants::is(Mutant::SkipDirectorySync) {
        return Ok(());
    }
    io.sync_dir(parent).await
}

/// Writes a file anew and syncs it; its directory entry is not durable yet.
pub(super) async fn write_file(io: &Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let options = OpenOptions { write: true, create: true, truncate: true, ..Default::default() };
    let file = io.open(path, options).await?;
    if !bytes.is_empty() {
        file.write_at(0, Slice::copy_from(bytes), Durability::Cached).await?;
    }
    file.sync().await
}

/// Creates a directory unless it is there.
pub(super) async fn ensure_dir(io: &Io, path: &Path) -> io::Result<()> {
    match io.create_dir(path).await {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Does `work` for each of `items`, so many at the same time: a sync waits for the device, and the file
/// system lets those that wait share it. Returns what came of each, in order. After an error none is begun
/// any more; what was begun ends before it is returned, so that nothing is written behind it.
///
/// # Errors
/// The first one.
pub(super) async fn side_by_side<I, T, E, F: Future<Output = Result<T, E>>>(
    at_once: usize,
    items: impl IntoIterator<Item = I, IntoIter: ExactSizeIterator>,
    work: impl Fn(I) -> F,
) -> Result<Vec<T>, E> {
    let mut waiting = items.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut done = Vec::new();
    let mut failed = None;
    std::future::poll_fn(|cx| {
        loop {
            let mut begun = false;
            while running.len() < at_once
                && failed.is_none()
                && let Some((n, item)) = waiting.next()
            {
                running.push((n, Box::pin(work(item))));
                begun = true;
            }
            running.retain_mut(|(n, future)| match future.as_mut().poll(cx) {
                Poll::Ready(Ok(value)) => {
                    done.push((*n, value));
                    false
                }
                Poll::Ready(Err(error)) => {
                    failed.get_or_insert(error);
                    false
                }
                Poll::Pending => true,
            });
            let over = failed.is_some() || waiting.len() == 0;
            match running.is_empty() && over {
                true => return Poll::Ready(()),
                // All that may be under way are.
                false if !begun && (over || running.len() == at_once) => return Poll::Pending,
                false => {}
            }
        }
    })
    .await;
    if let Some(error) = failed {
        return Err(error);
    }
    done.sort_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(_, value)| value).collect())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::task::{Context, Waker};

    use super::*;

    /// Ends after some polls, with its number or, if that is `bad`, without.
    fn run(
        at_once: usize,
        count: usize,
        bad: Option<usize>,
    ) -> (Result<Vec<usize>, usize>, usize, usize) {
        let (under_way, most, begun) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let (under_way, most_seen, begun_all) = (&under_way, &most, &begun);
        let work = |n: usize| async move {
            begun_all.set(begun_all.get() + 1);
            under_way.set(under_way.get() + 1);
            most_seen.set(most_seen.get().max(under_way.get()));
            let mut left = 2 + (n * 7) % 5;
            std::future::poll_fn(|cx| {
                left -= 1;
                cx.waker().wake_by_ref();
                if left == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            under_way.set(under_way.get() - 1);
            if Some(n) == bad { Err(n) } else { Ok(n) }
        };
        let all = side_by_side(at_once, 0..count, work);
        let mut all = std::pin::pin!(all);
        let mut cx = Context::from_waker(Waker::noop());
        let result = loop {
            if let Poll::Ready(result) = all.as_mut().poll(&mut cx) {
                break result;
            }
        };
        assert_eq!(under_way.get(), 0, "what was begun has ended");
        (result, most.get(), begun.get())
    }

    #[test]
    fn as_many_as_may_be_are_under_way_and_results_are_in_order() {
        let (result, most, begun) = run(4, 21, None);
        assert_eq!((result, most, begun), (Ok((0..21).collect()), 4, 21));
        assert_eq!(run(4, 0, None), (Ok(Vec::new()), 0, 0));
        assert_eq!(run(9, 3, None), (Ok(vec![0, 1, 2]), 3, 3));
    }

    #[test]
    fn after_an_error_none_is_begun_and_all_end() {
        let (result, _, begun) = run(3, 100, Some(5));
        assert_eq!(result, Err(5));
        assert!(begun < 20, "{begun} were begun");
    }
}
