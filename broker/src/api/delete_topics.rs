//! DeleteTopics (20).

use super::{Answer, Context, Operation, Resource};
use crate::metadata::{Refusal, TopicKey};
use crate::protocol::ErrorCode;
use crate::protocol::generated::delete_topics_response::DeletableTopicResult;
use crate::protocol::generated::{
    DeleteTopicsRequest, DeleteTopicsRequestView, DeleteTopicsResponse,
};

pub(super) async fn handle(context: Context, request: DeleteTopicsRequestView<'_>) -> Answer {
    let by_state = request.topics.iter().map(|topic| match topic.name {
        Some(name) => TopicKey::Name(name.to_owned()),
        None => TopicKey::Id(topic.topic_id),
    });
    let by_name = request.topic_names.iter().map(|name| TopicKey::Name(name.to_owned()));
    let keys: Vec<TopicKey> = by_state.chain(by_name).collect();
    let broker = context.broker.clone();
    let refused = if !broker.config().delete_topic_enable {
        Some(ErrorCode::TopicDeletionDisabled)
    } else if !context.is_allowed(Operation::Delete, Resource::Cluster) {
        Some(ErrorCode::TopicAuthorizationFailed)
    } else {
        None
    };
    context.answer::<DeleteTopicsRequest>(async move {
        let asked = keys.clone();
        let outcomes = match refused {
            Some(code) => keys.iter().map(|_| Err(Refusal::from(code))).collect(),
            None => broker
                .on_controller(
                    move |controller| async move { controller.delete_topics(&asked).await },
                )
                .await
                .unwrap_or_default(),
        };
        let mut outcomes = outcomes.into_iter();
        let responses = keys.into_iter().map(|key| {
            let outcome = outcomes.next().unwrap_or_else(|| Err(ErrorCode::NotController.into()));
            let mut result = DeletableTopicResult::default();
            match key {
                TopicKey::Name(name) => result.name = Some(name),
                TopicKey::Id(id) => result.topic_id = id,
            }
            match outcome {
                Ok(topic) => {
                    result.name = Some(topic.name.clone());
                    result.topic_id = topic.id;
                }
                Err(refusal) => {
                    result.error_code = refusal.code.code();
                    result.error_message = Some(refusal.message);
                }
            }
            result
        });
        DeleteTopicsResponse { responses: responses.collect(), ..Default::default() }
    })
}
