//! Shards over machines in memory, and a whole broker on one of them.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use ringlog::protocol::generated::create_topics_request::CreatableTopic;
use ringlog::protocol::generated::{CreateTopicsRequest, FetchRequest, ProduceRequest};
use ringlog::protocol::{Message, Request, decode_response};
use ringlog::server::{Broker, Settings, serve_shard};
use ringlog_engine::arena::{Arena, Slice};
use ringlog_engine::exec::{Core, Executor, TURN_TASKS};
use ringlog_engine::io::{Completion, Io, ShardId, Wait};
use ringlog_engine::log::StorageConfig;
use ringlog_engine::shard::Mesh;

use crate::machine::{Bells, Machine, Port};
use crate::paths::{FETCH_VERSION, PRODUCE_VERSION, TOPIC, fetch_request, frame, produce_request};

/// Memory of a shard: room for its tails and for requests.
const ARENA_BYTES: usize = 128 << 20;

/// Turns after which something that should have happened never will.
const PATIENCE: usize = 1_000_000;

/// A shard, stepped by hand.
pub(crate) struct Shard {
    pub(crate) machine: Rc<RefCell<Machine>>,
    executor: Executor,
    port: Port,
    completions: Vec<Completion>,
}

impl Shard {
    pub(crate) fn new(shard: u16, bells: &Bells) -> Self {
        let machine = Rc::new(RefCell::new(Machine::new(ShardId(shard), bells.clone())));
        let driver = Box::new(Port(machine.clone()));
        let executor = Executor::new(ShardId(shard), Arena::new(ARENA_BYTES), driver);
        Self { port: Port(machine.clone()), machine, executor, completions: Vec::new() }
    }

    pub(crate) fn io(&self) -> Io {
        self.executor.io()
    }

    pub(crate) fn core(&self) -> &Core {
        self.executor.core()
    }

    /// A turn of the loop that a shard's thread runs ([`Executor::run`]).
    pub(crate) fn turn(&mut self) {
        use ringlog_engine::io::Driver;
        let core = self.executor.core();
        let busy = core.run_ready(TURN_TASKS, |_| 0);
        if !busy {
            core.park_received();
        }
        let wait = match core.next_timer() {
            Some(deadline) if !busy => Wait::Until(deadline),
            _ => Wait::Poll,
        };
        let port: &mut dyn Driver = &mut self.port;
        port.turn(wait, &mut self.completions);
        for completion in self.completions.drain(..) {
            core.deliver(completion);
        }
    }
}

/// A broker of one shard with a topic of one partition, and a client that is connected to it.
pub(crate) struct Node {
    shard: Shard,
    /// Length of the answers to what is measured: an error has another one.
    expected: Option<usize>,
}

impl Node {
    pub(crate) fn start() -> Self {
        let mut shard = Shard::new(0, &Rc::new(RefCell::new(vec![false])));
        let settings = Arc::new(Settings {
            data_dir: "/data".into(),
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 9092))],
            storage: StorageConfig { tail_window_bytes: 64 << 20, ..StorageConfig::default() },
            requests_bytes_max: 32 << 20,
            ..Settings::default()
        });
        let serving = Rc::new(Cell::new(false));
        let place = Mesh::<Broker>::new(1).into_places().remove(0);
        let (seat, told) = (place.seat(shard.io()), serving.clone());
        let stop = std::future::pending();
        let broker = shard.io().spawn(serve_shard(seat, settings, stop, move |_| told.set(true)));
        for _ in 0..PATIENCE {
            if serving.get() {
                break;
            }
            shard.turn();
        }
        assert!(serving.get() && !broker.is_finished(), "the broker serves");
        shard.machine.borrow_mut().connect();
        let mut node = Self { shard, expected: None };
        let topic = CreatableTopic {
            name: TOPIC.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
        let created = node.call(7, &request);
        assert_eq!(created.topics[0].error_code, 0, "the topic is created");
        node
    }

    /// Sends a request and waits for its answer.
    fn ask(&mut self, frame: &Slice) {
        self.shard.machine.borrow_mut().send(frame);
        for _ in 0..PATIENCE {
            self.shard.turn();
            if let Some(answer) = self.shard.machine.borrow().answer() {
                let length = answer.len();
                assert!(self.expected.is_none_or(|expected| expected == length), "an error");
                return;
            }
        }
        panic!("no answer");
    }

    fn call<M: Request>(&mut self, version: i16, request: &M) -> M::Response {
        self.ask(&frame(version, request));
        let machine = self.shard.machine.borrow();
        let answer = machine.answer().expect("it was waited for");
        let (_, view) = decode_response::<M>(answer, version).expect("it can be read");
        <M::Response as Message>::from_view(view)
    }

    /// Produces a batch; what does so again and again.
    pub(crate) fn producing(mut self, batch: &[u8]) -> impl FnMut() + use<> {
        self.produce(batch);
        let request = frame::<ProduceRequest>(PRODUCE_VERSION, &produce_request(batch));
        self.again(request)
    }

    fn produce(&mut self, batch: &[u8]) {
        let produced = self.call::<ProduceRequest>(PRODUCE_VERSION, &produce_request(batch));
        assert_eq!(produced.responses[0].partition_responses[0].error_code, 0);
    }

    /// Produces a batch and fetches it; what fetches it again and again.
    pub(crate) fn fetching(mut self, batch: &[u8]) -> impl FnMut() + use<> {
        self.produce(batch);
        let fetched = self.call::<FetchRequest>(FETCH_VERSION, &fetch_request());
        let records = fetched.responses[0].partitions[0].records.iter().flatten();
        assert_eq!(records.map(|piece| piece.len()).sum::<usize>(), batch.len());
        self.again(frame::<FetchRequest>(FETCH_VERSION, &fetch_request()))
    }

    fn again(mut self, request: Slice) -> impl FnMut() + use<> {
        self.expected = self.shard.machine.borrow().answer().map(<[u8]>::len);
        move || self.ask(&request)
    }
}
