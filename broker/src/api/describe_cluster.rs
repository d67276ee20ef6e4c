//! DescribeCluster (60): the brokers, and which of them is the controller.

use super::metadata::{CLUSTER_OPERATIONS, NOT_ASKED};
use super::{Answer, Context, Operation, Resource};
use crate::protocol::ErrorCode;
use crate::protocol::generated::describe_cluster_response::DescribeClusterBroker;
use crate::protocol::generated::{
    DescribeClusterRequest, DescribeClusterRequestView, DescribeClusterResponse,
};

/// Endpoint type of brokers (KIP-919); the controllers' is 2.
const BROKERS: i8 = 1;

pub(super) async fn handle(context: Context, request: DescribeClusterRequestView) -> Answer {
    let image = context.broker.image();
    if request.endpoint_type != BROKERS {
        let response = DescribeClusterResponse {
            error_code: ErrorCode::MismatchedEndpointType.code(),
            error_message: Some("The request was sent to an endpoint of type BROKER".to_owned()),
            endpoint_type: BROKERS,
            ..Default::default()
        };
        return context.answer_now::<DescribeClusterRequest>(&response);
    }
    let node = DescribeClusterBroker {
        broker_id: image.node.id,
        host: image.node.host.clone(),
        port: i32::from(image.node.port),
        rack: image.node.rack.clone(),
        ..Default::default()
    };
    let cluster_authorized_operations = match request.include_cluster_authorized_operations {
        false => NOT_ASKED,
        true if context.is_allowed(Operation::Describe, Resource::Cluster) => CLUSTER_OPERATIONS,
        true => 0,
    };
    let response = DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_authorized_operations,
        cluster_id: image.cluster_id.clone(),
        controller_id: image.node.id,
        brokers: vec![node],
        ..Default::default()
    };
    context.answer_now::<DescribeClusterRequest>(&response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::TestNode;

    #[test]
    fn what_may_be_done_to_the_cluster_is_told_to_who_asks() {
        let mut node = TestNode::start(1, |_| {});
        let mut ask = |include_cluster_authorized_operations| {
            let request = DescribeClusterRequest {
                include_cluster_authorized_operations,
                endpoint_type: BROKERS,
                ..Default::default()
            };
            node.call(2, &request).cluster_authorized_operations
        };
        assert_eq!((ask(false), ask(true)), (NOT_ASKED, CLUSTER_OPERATIONS));
        // The bits of Kafka's own answer (AclEntry.supportedOperations, KIP-430).
        let bits = [5, 7, 8, 9, 10, 11, 12].iter().fold(0, |bits, bit| bits | 1 << bit);
        assert_eq!(CLUSTER_OPERATIONS, bits);
    }
}
