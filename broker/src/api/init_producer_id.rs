//! InitProducerId (22): an id for an idempotent producer.

use super::{Answer, Context, Operation, Resource};
use crate::protocol::ErrorCode;
use crate::protocol::generated::{
    InitProducerIdRequest, InitProducerIdRequestView, InitProducerIdResponse,
};

pub(super) async fn handle(context: Context, request: InitProducerIdRequestView<'_>) -> Answer {
    let failed = |error: ErrorCode| InitProducerIdResponse {
        error_code: error.code(),
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    };
    if request.transactional_id.is_some() {
        // Definite: a client that wants transactions must not believe it has them.
        let response = failed(ErrorCode::TransactionalIdAuthorizationFailed);
        return context.answer_now::<InitProducerIdRequest>(&response);
    }
    if !context.is_allowed(Operation::IdempotentWrite, Resource::Cluster) {
        let response = failed(ErrorCode::ClusterAuthorizationFailed);
        return context.answer_now::<InitProducerIdRequest>(&response);
    }
    let broker = context.broker.clone();
    context.answer::<InitProducerIdRequest>(async move {
        let id =
            broker.on_controller(|controller| async move { controller.next_producer_id().await });
        match id.await {
            Ok(Ok(producer_id)) => {
                InitProducerIdResponse { producer_id, producer_epoch: 0, ..Default::default() }
            }
            Ok(Err(refusal)) => failed(refusal.code),
            Err(_) => failed(ErrorCode::CoordinatorNotAvailable),
        }
    })
}
