//! The four protocols of AWS. The only module that knows the SDK's protocol crates, which are below 1.0.
//!
//! What goes over them is in [`super::exchange`].

use super::file::File;
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_schema::protocol::ClientProtocol;
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Protocol {
    pub(super) wire: Arc<dyn ClientProtocol>,
    pub(super) form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Query,
    RestXml,
}

impl Protocol {
    pub(super) fn of(file: &File) -> Result<Self, String> {
        let (wire, form): (Arc<dyn ClientProtocol>, Form) = match file.protocol.as_str() {
            "json" => {
                let target = file.target_prefix.as_ref().ok_or("it has no target prefix")?;
                let protocol = match file.json_version.as_deref() {
                    Some("1.0") => AwsJsonRpcProtocol::aws_json_1_0(),
                    _ => AwsJsonRpcProtocol::aws_json_1_1(),
                };
                (Arc::new(protocol.with_target_prefix(target)), Form::Json)
            }
            "rest-json" => (Arc::new(AwsRestJsonProtocol::new()), Form::Json),
            "query" => {
                let protocol = AwsQueryProtocol::new().with_service_version(file.version.clone());
                (Arc::new(protocol), Form::Query)
            }
            "rest-xml" => (Arc::new(AwsRestXmlProtocol::new()), Form::RestXml),
            other => return Err(format!("there is no protocol {other}")),
        };
        Ok(Protocol { wire, form })
    }
}
