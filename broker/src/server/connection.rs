//! One client connection: frames in, answers out, in order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use ringlog_engine::arena::Slice;
use ringlog_engine::exec::Notify;
use ringlog_engine::io::{Chunk, ShardId, Socket};

use super::inbox::Inbox;
use super::limits::{ConnectionPlace, OTHER_REQUEST_BYTES_MAX, RequestLease, request_memory};
use super::{Affinity, Broker};
use crate::api::{self, Answer, Reply};
use crate::protocol::ApiKey;
use crate::protocol::frame::{self, FrameError};

/// Bytes of an answer that a client must take in the time of a frame: with the default of 30 s, 9 KB
/// a second.
const PORTION_BYTES: usize = 256 << 10;

/// The API whose records are not unpacked.
const PRODUCE: i16 = ApiKey::Produce as i16;

/// What handlers know of the connection a request came over.
pub struct Connection {
    /// The client's address.
    pub peer: SocketAddr,
    /// The listener it came over.
    pub listener: &'static str,
    /// Who the client is; everybody is anonymous on a plaintext listener.
    pub principal: &'static str,
    /// Where its requests go.
    pub affinity: Affinity,
}

/// What a connection has behind it when a shard begins to serve it.
#[derive(Default)]
pub(super) struct Past {
    /// How often it was moved from one shard to another.
    moves: u32,
    /// What was received and not taken.
    received: Vec<u8>,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("the client is gone: {0}")]
    Network(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Request(api::Rejection),
    #[error("a frame that was begun did not end within {0:?}")]
    SlowFrame(Duration),
    #[error("there was no memory for its request within {0:?}: others take too much")]
    NoMemory(Duration),
    #[error(
        "a request of {api} announces {length} bytes: only Produce may have more than \
         {OTHER_REQUEST_BYTES_MAX}"
    )]
    TooLarge { api: &'static str, length: usize },
}

/// An answer in line, with the memory of its request.
struct Pending {
    answer: Answer,
    _lease: RequestLease,
}

#[derive(Default)]
struct Line {
    answers: RefCell<VecDeque<Pending>>,
    /// Signals that an answer came in or went out, or that one side has ended.
    moved: Notify,
    closed: std::cell::Cell<bool>,
}

impl Line {
    /// The next answer, whose place in line is free then.
    fn pop(&self) -> Option<Pending> {
        let pending = self.answers.borrow_mut().pop_front();
        if pending.is_some() {
            self.moved.notify();
        }
        pending
    }
}

/// Serves a connection to its end, or until it is moved to another shard.
pub(super) async fn serve(broker: Rc<Broker>, socket: Socket, place: ConnectionPlace, past: Past) {
    let after = broker.settings.move_after_requests;
    let connection = Rc::new(Connection {
        peer: socket.peer(),
        listener: "PLAINTEXT",
        principal: "User:ANONYMOUS",
        affinity: Affinity::new(broker.seat.shard(), after, past.moves),
    });
    let socket = Rc::new(socket);
    let line = Rc::new(Line::default());
    let sending = broker.io.spawn(send_answers(broker.clone(), socket.clone(), line.clone()));
    let mut reader = Reader {
        broker: broker.clone(),
        socket: socket.clone(),
        connection: connection.clone(),
        line: line.clone(),
        inbox: Inbox::new(broker.requests.clone(), broker.settings.direct_receive_bytes),
        greeted: past.moves > 0,
    };
    if !past.received.is_empty() {
        reader.inbox.push(&past.received);
    }
    let end = reader.run().await;
    line.closed.set(true);
    line.moved.notify();
    let next = end.unwrap_or_else(|end| {
        if !matches!(end, End::Network(_)) {
            tracing::warn!(peer = %connection.peer, reason = %end, "connection closed");
        }
        Next::Close
    });
    // Answers to what was received before the end still go out, if the client takes them. A move waits
    // for them as long as the node serves.
    let mut sending = std::pin::pin!(sending);
    let sent = match next {
        Next::Move(_) => reader.unless_stopped(sending.as_mut()).await,
        Next::Close => None,
    };
    let patience = broker.settings.stop_timeout;
    let sent = match sent {
        None => broker.io.timeout(patience, sending).await,
        sent => sent,
    };
    if sent.is_none() {
        tracing::warn!(peer = %connection.peer, "answers not taken, connection closed");
    }
    let received = reader.inbox.into_bytes();
    drop(reader.socket);
    match (next, sent) {
        (Next::Move(shard), Some(Ok(true))) => {
            let Some(socket) = Rc::into_inner(socket) else { return };
            let past = Past { moves: past.moves + 1, received };
            move_to(&broker, shard, socket, place, past).await;
        }
        // The peer may be gone already.
        _ => socket.shutdown().await.unwrap_or_default(),
    }
}

/// Moves a connection, all of whose answers are sent, to another shard of the node.
async fn move_to(
    broker: &Broker,
    shard: ShardId,
    socket: Socket,
    place: ConnectionPlace,
    mut past: Past,
) {
    // A connection that has broken meanwhile ends here.
    let Ok(mut travelling) = socket.detach().await else { return };
    past.received.append(&mut travelling.received);
    let place = place.leave();
    let moved = broker.seat.submit_to(shard, move |broker: Rc<Broker>| async move {
        let Some(place) = place.map(|place| broker.connections.take_in(place)) else { return };
        match broker.io.attach(travelling).await {
            Ok(socket) => drop(broker.io.spawn(serve(broker.clone(), socket, place, past))),
            Err(error) => tracing::warn!(%error, "a connection could not be moved"),
        }
    });
    // A shard that has stopped serves nobody.
    moved.await.unwrap_or_default();
}

/// What becomes of a connection whose requests are not read any more here.
enum Next {
    Close,
    Move(ShardId),
}

struct Reader {
    broker: Rc<Broker>,
    socket: Rc<Socket>,
    connection: Rc<Connection>,
    line: Rc<Line>,
    inbox: Inbox,
    /// Whether there has been a request.
    greeted: bool,
}

impl Reader {
    async fn run(&mut self) -> Result<Next, End> {
        while let Some((body, lease)) = self.frame().await? {
            self.greeted = true;
            let answer = api::handle(&self.broker, &self.connection, body).await;
            let answer = answer.map_err(End::Request)?;
            self.queue(Pending { answer, _lease: lease }).await;
            if self.line.closed.get() {
                break;
            }
            if let Some(shard) = self.connection.affinity.elsewhere(&self.broker.seat) {
                return Ok(Next::Move(shard));
            }
        }
        Ok(Next::Close)
    }

    /// Waits for a whole frame. Returns it without its length, or nothing when the client has ended in
    /// order or the node stops.
    async fn frame(&mut self) -> Result<Option<(Slice, RequestLease)>, End> {
        let settings = self.broker.settings.clone();
        let limit = usize::try_from(settings.config.socket_request_max_bytes).unwrap_or(0);
        let mut lease = self.broker.requests.lease();
        let mut begun_at = None;
        loop {
            let received = self.inbox.bytes().len();
            let total = frame::length(self.inbox.bytes(), limit)?;
            let total = total.map(|length| length + frame::LENGTH_BYTES);
            let key = self.api_key();
            if let (Some(length), Some(key)) = (total, key)
                && key != PRODUCE
                && length > OTHER_REQUEST_BYTES_MAX
            {
                let api = ApiKey::from_id(key).map_or("no known API", ApiKey::name);
                return Err(End::TooLarge { api, length });
            }
            let memory = |bytes| request_memory(bytes, key == Some(PRODUCE));
            if let Some(total) = total.filter(|total| received >= *total) {
                self.reserve(&mut lease, memory(total), begun_at).await?;
                let frame = self.inbox.take(total);
                return Ok(Some((frame.slice(frame::LENGTH_BYTES..), lease)));
            }
            self.inbox.settle();
            if self.broker.is_stopping() || self.line.closed.get() {
                return Ok(None);
            }
            let io = self.broker.io.clone();
            let deadline = if received == 0 {
                let patience = match self.greeted {
                    true => settings.idle_timeout,
                    false => settings.idle_timeout.min(settings.handshake_timeout),
                };
                io.now().saturating_add(nanos(patience))
            } else {
                let begun = *begun_at.get_or_insert(io.now());
                begun + nanos(settings.frame_timeout)
            };
            // Before the API is known, nothing is known of what the rest will take.
            if let Some(total) = total.filter(|_| key.is_some()) {
                let room = self.inbox.room(received, total);
                self.reserve(&mut lease, memory(room), begun_at).await?;
                self.inbox.make_room(room);
                if self.inbox.is_direct(total) {
                    match io.timeout_at(deadline, self.rest(total)).await {
                        Some(Some(received)) => received?,
                        Some(None) => return Ok(None),
                        None => return Err(End::SlowFrame(settings.frame_timeout)),
                    }
                    if self.inbox.bytes().len() >= total {
                        continue;
                    }
                }
            }
            let chunk = match io.timeout_at(deadline, self.receive()).await {
                Some(Some(chunk)) => chunk?,
                Some(None) => return Ok(None),
                None if received == 0 => return Ok(None),
                None => return Err(End::SlowFrame(settings.frame_timeout)),
            };
            let Some(chunk) = chunk else { return Ok(None) };
            self.inbox.push(&chunk);
        }
    }

    /// Receives what is still to come of a frame of `total` bytes straight into its memory; less when the
    /// client has ended. Nothing when the node or the sending side stops.
    async fn rest(&mut self, total: usize) -> Option<io::Result<()>> {
        let come = match self.unless_stopped(self.socket.pause()).await? {
            Ok(come) => come,
            Err(error) => return Some(Err(error)),
        };
        for chunk in come {
            self.inbox.push(&chunk);
        }
        let Some(buf) = self.inbox.lend(total) else { return Some(Ok(())) };
        let missing = total - buf.len();
        match self.unless_stopped(self.socket.receive_into(buf, missing)).await? {
            Ok(buf) => {
                self.inbox.take_back(buf);
                Some(Ok(()))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// The API of the request that begins in the inbox, when that much of it is there.
    fn api_key(&self) -> Option<i16> {
        let rest = self.inbox.bytes().get(frame::LENGTH_BYTES..)?;
        rest.first_chunk().map(|key| i16::from_be_bytes(*key))
    }

    /// Takes memory for a request, of which the first byte came at `begun_at`. Those who wait for
    /// memory have a part of it themselves, so none may wait for ever.
    async fn reserve(
        &self,
        lease: &mut RequestLease,
        bytes: usize,
        begun_at: Option<u64>,
    ) -> Result<(), End> {
        let (io, settings) = (&self.broker.io, &self.broker.settings);
        let deadline = begun_at.unwrap_or(io.now()).saturating_add(nanos(settings.frame_timeout));
        let grown = lease.grow(bytes);
        let grown = io.timeout_at(deadline, grown).await;
        grown.ok_or(End::NoMemory(settings.frame_timeout))
    }

    /// The next chunk; nothing when the node or the sending side stops.
    async fn receive(&self) -> Option<io::Result<Option<Chunk>>> {
        match self.inbox.expects_large() {
            true => self.unless_stopped(self.socket.receive_once()).await,
            false => self.unless_stopped(self.socket.receive()).await,
        }
    }

    /// What comes of a future; nothing when the node stops before.
    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = std::pin::pin!(future);
        let mut stopping = std::pin::pin!(self.broker.stopping.notified());
        std::future::poll_fn(|cx| {
            if self.broker.is_stopping() || stopping.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }

    async fn queue(&self, pending: Pending) {
        loop {
            let moved = self.line.moved.notified();
            if self.line.closed.get() {
                return;
            }
            if self.line.answers.borrow().len() < self.broker.settings.pipeline_depth {
                break;
            }
            moved.await;
        }
        self.line.answers.borrow_mut().push_back(pending);
        self.line.moved.notify();
    }
}

/// Sends answers in the order of their requests until the reading side has ended and the line is
/// empty. What is ready at the same time goes out together: a send costs more than what it carries.
/// Returns whether all were sent, and the connection goes on.
async fn send_answers(broker: Rc<Broker>, socket: Rc<Socket>, line: Rc<Line>) -> bool {
    let mut first = None;
    loop {
        let moved = line.moved.notified();
        let Some(mut pending) = first.take().or_else(|| line.pop()) else {
            if line.closed.get() {
                return true;
            }
            moved.await;
            continue;
        };
        let mut round = Round::default();
        let mut goes_on = round.take(&socket, (&mut pending.answer).await);
        // The memory of their requests is theirs until they are sent.
        let mut sent = vec![pending];
        while goes_on && round.bytes < PORTION_BYTES {
            let Some(mut next) = line.pop() else { break };
            let Some(reply) = ready(&mut next.answer).await else {
                first = Some(next);
                break;
            };
            goes_on = round.take(&socket, reply);
            sent.push(next);
        }
        let taken = round.pieces.is_empty() || send(&broker, &socket, round.pieces).await;
        if !taken || !goes_on {
            line.closed.set(true);
            line.moved.notify();
            // Wakes the reading side, which waits for bytes that will not come.
            socket.shutdown().await.unwrap_or_default();
            line.answers.borrow_mut().clear();
            return false;
        }
    }
}

/// What goes out in one send.
#[derive(Default)]
struct Round {
    pieces: Vec<Slice>,
    bytes: usize,
}

impl Round {
    /// Adds a reply; returns whether the connection goes on.
    fn take(&mut self, socket: &Socket, reply: Reply) -> bool {
        match reply {
            Reply::Response(pieces) => {
                self.bytes += pieces.iter().map(|piece| piece.len()).sum::<usize>();
                self.pieces.extend(pieces);
            }
            Reply::Nothing => {}
            Reply::Close(reason) => {
                tracing::warn!(peer = %socket.peer(), reason, "connection closed");
                return false;
            }
        }
        true
    }
}

/// The reply, if it is there by now.
async fn ready(answer: &mut Answer) -> Option<Reply> {
    std::future::poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(reply) => Poll::Ready(Some(reply)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Sends answers. Whoever does not take the next portion of it in the time that a frame may take is
/// gone, or holds on to memory that others need. Returns whether all was taken.
async fn send(broker: &Broker, socket: &Socket, pieces: Vec<Slice>) -> bool {
    let patience = broker.settings.frame_timeout;
    for portion in portions(pieces) {
        match broker.io.timeout(patience, socket.send(portion, true)).await {
            Some(Ok(())) => {}
            Some(Err(_)) => return false,
            None => {
                let peer = socket.peer();
                tracing::warn!(%peer, ?patience, "an answer is not taken, connection closed");
                return false;
            }
        }
    }
    true
}

/// Splits what goes out into what must be taken at a time.
fn portions(pieces: Vec<Slice>) -> Vec<Vec<Slice>> {
    let mut all = Vec::new();
    let (mut portion, mut bytes) = (Vec::new(), 0);
    for mut piece in pieces {
        while bytes + piece.len() > PORTION_BYTES {
            let fits = PORTION_BYTES - bytes;
            if fits > 0 {
                portion.push(piece.slice(..fits));
            }
            all.push(std::mem::take(&mut portion));
            piece = piece.slice(fits..);
            bytes = 0;
        }
        bytes += piece.len();
        portion.push(piece);
    }
    all.push(portion);
    all
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use ringlog_engine::batch::{BatchBuilder, NewRecord};

    use super::*;
    use crate::protocol::generated::ProduceRequest;
    use crate::protocol::generated::produce_request::{PartitionProduceData, TopicProduceData};
    use crate::protocol::{Message, decode_response, encode_request};
    use crate::server::testing::TestNode;

    const VERSION: i16 = 9;

    fn request(number: i32, partition: i32) -> Vec<u8> {
        let mut builder = BatchBuilder::default();
        builder.push(NewRecord { value: Some(b"value"), ..Default::default() });
        let records = vec![Slice::copy_from(&builder.build().expect("it is small"))];
        let data = PartitionProduceData { index: partition, records: Some(records) };
        let topic =
            TopicProduceData { name: "t".into(), partition_data: vec![data], ..Default::default() };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 1000,
            topic_data: vec![topic],
            ..Default::default()
        };
        let pieces = encode_request(VERSION, number, Some("test"), &request).expect("it is small");
        pieces.iter().flat_map(|piece| piece.to_vec()).collect()
    }

    /// Offsets that the answers tell, in the order in which they came.
    fn offsets(mut bytes: &[u8]) -> Vec<(i32, i64)> {
        let mut found = Vec::new();
        while let Some(total) = frame::length(bytes, 1 << 20).expect("a length") {
            let (one, rest) = bytes.split_at(frame::LENGTH_BYTES + total);
            let decoded = decode_response::<ProduceRequest>(&one[frame::LENGTH_BYTES..], VERSION);
            let (number, view) = decoded.expect("an answer");
            let response = crate::protocol::generated::ProduceResponse::from_view(view);
            let part = &response.responses[0].partition_responses[0];
            assert_eq!(part.error_code, 0);
            found.push((number, part.base_offset));
            bytes = rest;
        }
        found
    }

    #[test]
    fn a_connection_goes_where_its_requests_go_and_loses_none() {
        pipeline(128 << 10);
    }

    #[test]
    fn requests_received_straight_into_their_memory_are_the_same() {
        for direct_bytes in [1, 7, 100, 200] {
            pipeline(direct_bytes);
        }
    }

    fn pipeline(direct_bytes: usize) {
        const EACH: i32 = 60;
        let mut node = TestNode::start(2, |settings| {
            settings.move_after_requests = 2;
            settings.direct_receive_bytes = direct_bytes;
            // That is for the end of the node, not for that of a move.
            settings.stop_timeout = Duration::ZERO;
        });
        node.create_topic("t", 2);
        let address = SocketAddr::new(node.world.ip(0), 9092);
        // First all for one shard, then all for the other, and back: cut anywhere, none waited for.
        let wanted: Vec<i32> =
            [0, 1, 0, 1].into_iter().flat_map(|p| vec![p; EACH as usize]).collect();
        let all: Vec<u8> =
            wanted.iter().zip(0..).flat_map(|(partition, n)| request(n, *partition)).collect();
        let client = node.world.node(0).spawn(move |io| async move {
            let socket = Rc::new(io.connect(address).await.expect("it is there"));
            let sending = socket.clone();
            let sent = io.spawn(async move {
                for part in all.chunks(777) {
                    sending.send(vec![Slice::copy_from(part)], false).await.expect("it is sent");
                }
            });
            let mut answers = Vec::new();
            let mut complete = 0;
            while complete < 4 * EACH as usize {
                let chunk = socket.receive().await.expect("it is open");
                answers.extend_from_slice(&chunk.expect("it goes on"));
                complete = whole_frames(&answers);
            }
            sent.await.expect("all is sent");
            answers
        });
        let answers = node.world.join(client);
        let mut next = [0, 0];
        let expected = wanted.iter().zip(0..).map(|(partition, number)| {
            let offset = &mut next[*partition as usize];
            *offset += 1;
            (number, *offset - 1)
        });
        assert_eq!(offsets(&answers), expected.collect::<Vec<_>>());
        let moves = (0..2).map(|shard| node.broker(shard).connections.moved()).sum::<u64>();
        assert!(moves >= 3, "moved {moves} times");
        node.stop();
    }

    fn whole_frames(mut bytes: &[u8]) -> usize {
        let mut count = 0;
        while let Ok(Some(total)) = frame::length(bytes, 1 << 20)
            && let Some(rest) = bytes.get(frame::LENGTH_BYTES + total..)
        {
            bytes = rest;
            count += 1;
        }
        count
    }
}
