//! Where the partitions of the topic are.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Answer, Connection, frame};
use crate::error::BenchError;
use crate::scenario::Topic;

/// How long a new topic may take until all its partitions have leaders.
const READY: Duration = Duration::from_secs(30);
const TOPIC_ALREADY_EXISTS: i16 = 36;
const UNKNOWN_TOPIC: i16 = 3;

/// The address of each partition's leader, by partition.
pub(crate) type Leaders = BTreeMap<i32, String>;

/// Connects to the first broker that answers.
pub(crate) fn connect(bootstrap: &[String]) -> Result<Connection, BenchError> {
    let mut last = BenchError::Usage("--bootstrap-server is empty".to_owned());
    for address in bootstrap {
        match Connection::open(address) {
            Ok(connection) => return Ok(connection),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Creates the topic unless it is there, and waits until each of its partitions is served by its leader.
pub(crate) fn ensure_topic(
    connection: &mut Connection,
    topic: &Topic,
) -> Result<Leaders, BenchError> {
    let answer = connection.ask(&frame::create_topic(topic))?;
    let topic = &topic.name;
    let mut answer = Answer::new(&answer, connection.address())?;
    answer.i32()?;
    for _ in 0..answer.count()? {
        answer.text()?;
        let code = answer.i16()?;
        let why = answer.text()?;
        if code != 0 && code != TOPIC_ALREADY_EXISTS {
            return Err(BenchError::refused(
                if why.is_empty() {
                    format!("topic {topic}")
                } else {
                    format!("topic {topic} ({why})")
                },
                code,
            ));
        }
    }
    let until = Instant::now() + READY;
    loop {
        match leaders(connection, topic).and_then(|leaders| serving(leaders, topic)) {
            Ok(leaders) => return Ok(leaders),
            Err(error) if Instant::now() > until => return Err(error),
            Err(BenchError::Refused { .. } | BenchError::NoTopic { .. }) => {
                std::thread::sleep(Duration::from_millis(50))
            }
            Err(error) => return Err(error),
        }
    }
}

/// Asks each leader for its partitions: a broker is told of its leadership after others may know of it.
fn serving(leaders: Leaders, topic: &str) -> Result<Leaders, BenchError> {
    for (leader, partitions) in share(&leaders, 1) {
        offsets(&mut Connection::open(&leader)?, topic, &partitions, -1)?;
    }
    Ok(leaders)
}

/// The leaders of a topic that exists.
pub(crate) fn leaders(connection: &mut Connection, topic: &str) -> Result<Leaders, BenchError> {
    let answer = connection.ask(&frame::metadata(Some(topic)))?;
    let mut answer = Answer::new(&answer, connection.address())?;
    answer.i32()?;
    let mut brokers = BTreeMap::new();
    for _ in 0..answer.count()? {
        let id = answer.i32()?;
        let (host, port) = (answer.text()?.to_owned(), answer.i32()?);
        answer.text()?;
        brokers.insert(
            id,
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") },
        );
    }
    answer.text()?;
    answer.i32()?;
    let mut leaders = Leaders::new();
    for _ in 0..answer.count()? {
        let code = answer.i16()?;
        answer.text()?;
        answer.bool()?;
        if code == UNKNOWN_TOPIC {
            let at = connection.address();
            return Err(BenchError::NoTopic { topic: topic.to_owned(), address: at.to_owned() });
        }
        if code != 0 {
            return Err(BenchError::refused(format!("metadata of topic {topic}"), code));
        }
        for _ in 0..answer.count()? {
            let code = answer.i16()?;
            let (partition, leader) = (answer.i32()?, answer.i32()?);
            answer.i32()?;
            for _ in 0..3 {
                let skipped = answer.count()?;
                answer.take(skipped * 4)?;
            }
            let address = brokers.get(&leader);
            let Some(address) = address.filter(|_| code == 0) else {
                return Err(BenchError::refused(
                    format!("the leader of {topic}-{partition}"),
                    code,
                ));
            };
            leaders.insert(partition, address.clone());
        }
    }
    if leaders.is_empty() {
        return Err(BenchError::refused(format!("topic {topic}"), UNKNOWN_TOPIC));
    }
    Ok(leaders)
}

/// The next (`-1`) or first (`-2`) offsets of partitions at one broker.
pub(crate) fn offsets(
    connection: &mut Connection,
    topic: &str,
    partitions: &[i32],
    timestamp: i64,
) -> Result<BTreeMap<i32, i64>, BenchError> {
    let answer = connection.ask(&frame::list_offsets(topic, partitions, timestamp))?;
    let mut answer = Answer::new(&answer, connection.address())?;
    answer.i32()?;
    let mut found = BTreeMap::new();
    for _ in 0..answer.count()? {
        answer.text()?;
        for _ in 0..answer.count()? {
            let (partition, code) = (answer.i32()?, answer.i16()?);
            answer.i64()?;
            let offset = answer.i64()?;
            answer.i32()?;
            if code != 0 {
                return Err(BenchError::refused(format!("offsets of {topic}-{partition}"), code));
            }
            found.insert(partition, offset);
        }
    }
    Ok(found)
}

/// Shares partitions out to `workers`, each with partitions of one leader only.
pub(crate) fn share(leaders: &Leaders, workers: usize) -> Vec<(String, Vec<i32>)> {
    let mut by_leader: BTreeMap<&String, Vec<i32>> = BTreeMap::new();
    for (&partition, leader) in leaders {
        by_leader.entry(leader).or_default().push(partition);
    }
    let mut shares: Vec<(String, Vec<i32>)> = Vec::new();
    let count = by_leader.len().max(1);
    for (number, (leader, partitions)) in by_leader.into_iter().enumerate() {
        // This leader's part of the workers, at least one.
        let here = (workers / count + usize::from(number < workers % count)).max(1);
        for worker in 0..here {
            let mine: Vec<i32> = if here > partitions.len() {
                partitions.iter().skip(worker % partitions.len()).take(1).copied().collect()
            } else {
                partitions.iter().skip(worker).step_by(here).copied().collect()
            };
            shares.push((leader.clone(), mine));
        }
    }
    shares
}

/// Shares leaders out to `workers`, each with all partitions of one leader. Every leader has a worker.
pub(crate) fn share_whole(leaders: &Leaders, workers: usize) -> Vec<(String, Vec<i32>)> {
    let whole = share(leaders, 1);
    let count = workers.max(whole.len());
    whole.into_iter().cycle().take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::{Leaders, share, share_whole};

    #[test]
    fn keyed_workers_have_all_partitions_of_a_leader() {
        let leaders: Leaders = (0..3).map(|p| (p, format!("b{}:1", p % 2))).collect();
        let shares = share_whole(&leaders, 3);
        assert_eq!(shares.len(), 3);
        assert_eq!(shares[0].1, [0, 2]);
        assert_eq!((&shares[1].1, &shares[2].1), (&vec![1], &vec![0, 2]));
    }

    #[test]
    fn every_partition_has_a_worker_and_every_worker_a_partition() {
        let leaders: Leaders = (0..4).map(|p| (p, "a:1".to_owned())).collect();
        let of = |workers| share(&leaders, workers).into_iter().map(|(_, p)| p).collect::<Vec<_>>();
        assert_eq!(of(1), [vec![0, 1, 2, 3]]);
        assert_eq!(of(3), [vec![0, 3], vec![1], vec![2]]);
        assert_eq!(of(6), [vec![0], vec![1], vec![2], vec![3], vec![0], vec![1]]);
    }

    #[test]
    fn a_worker_has_partitions_of_one_leader_only() {
        let leaders: Leaders = (0..4).map(|p| (p, format!("b{}:1", p % 2))).collect();
        let shares = share(&leaders, 2);
        assert_eq!(shares, [("b0:1".to_owned(), vec![0, 2]), ("b1:1".to_owned(), vec![1, 3])]);
    }
}
