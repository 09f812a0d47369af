//! A question as its protocol writes it, and what comes back.
//!
//! Questions are written by the SDK, and so are JSON answers and their errors read. XML answers are read by
//! [`super::xml_read`]: the SDK's reader skips an element under another name, so that a list whose items are called
//! something else reads as "200 OK, nothing there".

use super::error::{Malformed, ServiceError, from_headers};
use super::protocol::{Form, Protocol};
use super::read::read_structure;
use super::schema::{Model, Operation};
use super::write::Question;
use super::{xml, xml_read};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value};

impl Protocol {
    /// The request, without endpoint and signature.
    pub(super) fn request(
        &self,
        model: &Model,
        operation: &Operation,
        input: &Value,
        config: &ConfigBag,
    ) -> Result<HttpRequest, Malformed> {
        let question = Question::new(model, operation, input)?;
        let mut request = self.wire.serialize_request(&question, operation.input, "", config)?;
        for (name, value) in &model.headers {
            let inserted = request.headers_mut().try_insert(name.clone(), value.clone());
            inserted.map_err(|error| Malformed::new(error.to_string()))?;
        }
        Ok(request)
    }

    /// The members of a success answer.
    pub(super) fn answer(
        &self,
        model: &Model,
        name: &str,
        operation: &Operation,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Result<Value, Malformed> {
        let body = response.body().bytes().ok_or_else(|| Malformed::new("the body is not there"))?;
        let Some(at) = operation.output else { return Ok(Value::Object(Map::new())) };
        let shape = model.shape(at).ok_or_else(|| Malformed::new("the model has no output"))?;
        match self.form {
            Form::Json => {
                let mut reader = self.wire.deserialize_response(response, shape.schema, config)?;
                read_structure(model, &mut *reader, at)
            }
            Form::Query => xml_read::query(model, name, operation.result_wrapper.as_deref(), at, &xml::parse(body)?),
            Form::RestXml => xml_read::rest(model, at, response, body),
        }
    }

    /// What an error answer says. One that cannot be read still has its status and headers.
    pub(super) fn error(&self, response: &HttpResponse, config: &ConfigBag) -> ServiceError {
        let read = match self.form {
            Form::Json => self.wire.parse_error_metadata(response, config).ok().map(|metadata| metadata.build()),
            Form::Query | Form::RestXml => {
                let root = response.body().bytes().and_then(|body| xml::parse(body).ok());
                root.and_then(|root| xml_read::error(&root))
            }
        };
        ServiceError(read.filter(|metadata| metadata.code().is_some()).unwrap_or_else(|| from_headers(response)))
    }
}
