//! DescribeCluster (60): the brokers, and which of them is the controller.

use super::{Answer, Context};
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
    let response = DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: image.cluster_id.clone(),
        controller_id: image.node.id,
        brokers: vec![node],
        ..Default::default()
    };
    context.answer_now::<DescribeClusterRequest>(&response)
}
