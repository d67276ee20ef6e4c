//! One file, one API, one handler: decode, authorise, route, answer.
//!
//! [`handle`] starts a request in the order in which it came and returns its [`Answer`], which is
//! awaited later, so that the next request of a connection is started while this one waits for the
//! medium. A handler that cannot be read ends the connection, as in Kafka.

mod alter_configs;
mod api_versions;
mod configs;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_topic_partitions;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod scatter;
mod sync_group;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use ringlog_engine::arena::Slice;

use crate::protocol::{
    ApiKey, DecodeError, EncodeError, IncomingRequest, Message, Request, RequestError,
    encode_response,
};
use crate::server::{Broker, Connection};

/// What becomes of a request that was started.
pub type Answer = Pin<Box<dyn Future<Output = Reply>>>;

/// What a client is told when its request is done.
#[derive(Debug)]
pub enum Reply {
    /// The pieces of a response, to be sent.
    Response(Vec<Slice>),
    /// Nothing: it waits for no response.
    Nothing,
    /// It waits for no response and was refused: only the end of its connection tells it so. Why it
    /// was refused.
    Close(String),
}

/// Why a request ends its connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It is not a request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Its body cannot be read.
    #[error("a request that cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// The API is Kafka's, but this broker has not advertised it in this version.
    #[error("{key:?} version {version} is not supported by this broker")]
    Unsupported {
        /// The API.
        key: ApiKey,
        /// The version asked for.
        version: i16,
    },
    /// It names more partitions than any client has, each of which costs far more than its bytes.
    #[error("a Produce request names {partitions} partitions: more than {most} are not taken")]
    TooManyPartitions {
        /// The partitions.
        partitions: usize,
        /// The limit.
        most: usize,
    },
}

/// What a handler returns: an answer, or why there is none.
trait Started {
    fn started(self) -> Result<Answer, Rejection>;
}

impl Started for Answer {
    fn started(self) -> Result<Answer, Rejection> {
        Ok(self)
    }
}

impl Started for Result<Answer, Rejection> {
    fn started(self) -> Result<Answer, Rejection> {
        self
    }
}

/// The part of a block, one in so many, that is worth keeping the block for.
const KEPT_SHARE: usize = 8;

/// What every handler is given.
pub struct Context {
    /// The shard that the connection lives on.
    pub broker: Rc<Broker>,
    /// The connection.
    pub connection: Rc<Connection>,
    /// The request as it came, for Produce, which keeps parts of it.
    pub frame: Option<Slice>,
    /// Version of request and response.
    pub version: i16,
    /// To be echoed.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<String>,
}

impl Context {
    /// Bytes of the request, to be kept beyond it: without a copy, unless they are a small part of the
    /// memory that would be kept with them.
    pub fn keep(&self, bytes: &[u8]) -> Slice {
        match &self.frame {
            Some(frame) if bytes.len() >= frame.block_bytes() / KEPT_SHARE => frame.part(bytes),
            _ => {
                let mut copy = self.broker.requests.alloc(bytes.len());
                copy.extend_from_slice(bytes);
                copy.freeze()
            }
        }
    }

    /// An answer that is ready when `response` is.
    pub fn answer<M: Request + 'static>(
        &self,
        response: impl Future<Output = M::Response> + 'static,
    ) -> Answer {
        let (version, correlation_id) = (self.version, self.correlation_id);
        Box::pin(async move { encode::<M>(version, correlation_id, &response.await) })
    }

    /// An answer that is ready now.
    pub fn answer_now<M: Request>(&self, response: &M::Response) -> Answer {
        let reply = encode::<M>(self.version, self.correlation_id, response);
        Box::pin(std::future::ready(reply))
    }

    /// Whether the client may do `operation` on `resource`. Every request asks; the answer is yes
    /// until an authorizer is configured.
    pub fn is_allowed(&self, operation: Operation, resource: Resource<'_>) -> bool {
        is_allowed(&self.connection, operation, resource)
    }

    /// The client's address as Kafka prints it.
    pub fn client_host(&self) -> String {
        format!("/{}", self.connection.peer.ip().to_canonical())
    }
}

/// Whether the client of a connection may do `operation` on `resource`.
fn is_allowed(connection: &Connection, _operation: Operation, _resource: Resource<'_>) -> bool {
    !connection.principal.is_empty()
}

/// What a client wants to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Read records or offsets.
    Read,
    /// Write records.
    Write,
    /// Create a topic or partitions.
    Create,
    /// Delete a topic, records or a group.
    Delete,
    /// Change a topic.
    Alter,
    /// See that a thing exists.
    Describe,
    /// See how a thing is set.
    DescribeConfigs,
    /// Change how a thing is set.
    AlterConfigs,
    /// Write with idempotence.
    IdempotentWrite,
}

/// What it is done to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource<'a> {
    /// A topic, by name.
    Topic(&'a str),
    /// A group, by id.
    Group(&'a str),
    /// The cluster.
    Cluster,
}

/// An API that is served: its key and its least advertised and highest version.
pub(crate) struct Served {
    pub(crate) key: ApiKey,
    pub(crate) min: i16,
    pub(crate) max: i16,
}

macro_rules! serve {
    ($($module:ident: $request:ident,)*) => {
        /// Every API that is served, by key.
        pub(crate) const SERVED: &[Served] = &[$(
            Served {
                key: <crate::protocol::generated::$request as Request>::KEY,
                min: <crate::protocol::generated::$request as Message>::MIN_VERSION,
                max: <crate::protocol::generated::$request as Message>::MAX_VERSION,
            },
        )*];

        async fn dispatch(context: Context, request: &IncomingRequest<'_>) -> Result<Answer, Rejection> {
            match request.key {
                $(<crate::protocol::generated::$request as Request>::KEY => {
                    let view = request.decode::<crate::protocol::generated::$request>()?;
                    $module::handle(context, view).await.started()
                })*
                key => Err(Rejection::Unsupported { key, version: request.version() }),
            }
        }
    };
}

serve! {
    produce: ProduceRequest,
    fetch: FetchRequest,
    list_offsets: ListOffsetsRequest,
    metadata: MetadataRequest,
    offset_commit: OffsetCommitRequest,
    offset_fetch: OffsetFetchRequest,
    find_coordinator: FindCoordinatorRequest,
    join_group: JoinGroupRequest,
    heartbeat: HeartbeatRequest,
    leave_group: LeaveGroupRequest,
    sync_group: SyncGroupRequest,
    describe_groups: DescribeGroupsRequest,
    list_groups: ListGroupsRequest,
    api_versions: ApiVersionsRequest,
    create_topics: CreateTopicsRequest,
    delete_topics: DeleteTopicsRequest,
    delete_records: DeleteRecordsRequest,
    init_producer_id: InitProducerIdRequest,
    delete_groups: DeleteGroupsRequest,
    incremental_alter_configs: IncrementalAlterConfigsRequest,
    offset_delete: OffsetDeleteRequest,
    offset_for_leader_epoch: OffsetForLeaderEpochRequest,
    describe_configs: DescribeConfigsRequest,
    alter_configs: AlterConfigsRequest,
    describe_log_dirs: DescribeLogDirsRequest,
    create_partitions: CreatePartitionsRequest,
    describe_cluster: DescribeClusterRequest,
    describe_producers: DescribeProducersRequest,
    list_config_resources: ListConfigResourcesRequest,
    describe_topic_partitions: DescribeTopicPartitionsRequest,
}

/// Starts a request and returns its answer.
///
/// # Errors
/// [`Rejection`], which ends the connection.
pub async fn handle(
    broker: &Rc<Broker>,
    connection: &Rc<Connection>,
    frame: Slice,
) -> Result<Answer, Rejection> {
    let request = IncomingRequest::parse(&frame)?;
    let context = Context {
        frame: (request.key == ApiKey::Produce).then(|| frame.clone()),
        broker: broker.clone(),
        connection: connection.clone(),
        version: request.version(),
        correlation_id: request.header.correlation_id,
        client_id: request.header.client_id.map(str::to_owned),
    };
    let served = SERVED.iter().any(|served| served.key == request.key);
    if request.key == ApiKey::ApiVersions && !request.is_supported() {
        return Ok(api_versions::unsupported(&context));
    }
    if !served || !request.is_supported() {
        return Err(Rejection::Unsupported { key: request.key, version: request.version() });
    }
    dispatch(context, &request).await
}

fn encode<M: Request>(version: i16, correlation_id: i32, response: &M::Response) -> Reply {
    match encode_response::<M>(version, correlation_id, response) {
        Ok(pieces) => Reply::Response(pieces),
        Err(error) => {
            report::<M>(version, &error);
            Reply::Nothing
        }
    }
}

/// A response that its version cannot express is a bug of the handler; the client waits in vain and
/// asks again, the others are served.
fn report<M: Request>(version: i16, error: &EncodeError) {
    tracing::error!(api = ?M::KEY, version, %error, "a response cannot be encoded");
}
