//! From a model file to schemas.

use super::error::ModelError;
use super::file::{self, File, Pointer};
use super::protocol::Protocol;
use super::schema::{Kind, Member, Model, Operation, Shape, Structure};
use crate::aws::service::Wire;
use aws_smithy_schema::traits::{HttpTrait, TimestampFormat};
use aws_smithy_schema::{Schema, ShapeId, ShapeType, intern_header_name};
use std::collections::BTreeMap;

const PRIMITIVES: &[(&str, ShapeType)] = &[
    ("string", ShapeType::String),
    ("integer", ShapeType::Integer),
    ("long", ShapeType::Long),
    ("boolean", ShapeType::Boolean),
    ("double", ShapeType::Double),
    ("float", ShapeType::Float),
    ("blob", ShapeType::Blob),
    ("timestamp", ShapeType::Timestamp),
    ("document", ShapeType::Document),
];

/// Lists of lists of lists are as deep as models go without a structure between.
const DEEPEST: usize = 16;

impl Model {
    /// Reads a file that `tests/aws/models.py` wrote.
    ///
    /// # Errors
    /// When it is no such file, or a shape is missing.
    pub fn parse(text: &str) -> Result<Model, ModelError> {
        let file: File = serde_json::from_str(text).map_err(|error| ModelError(format!("not a model: {error}")))?;
        Parser::new(&file).model().map_err(|error| ModelError(format!("the model of {}: {error}", file.service)))
    }
}

struct Parser<'a> {
    file: &'a File,
    numbers: BTreeMap<&'a str, usize>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a File) -> Self {
        let names = PRIMITIVES.iter().map(|(name, _)| *name).chain(file.shapes.keys().map(String::as_str));
        Parser { file, numbers: names.enumerate().map(|(number, name)| (name, number)).collect() }
    }

    fn model(&self) -> Result<Model, String> {
        let file = self.file;
        let primitive =
            |(name, kind): &(&str, ShapeType)| Shape { schema: keep(Schema::new(id(name), *kind)), kind: Kind::Scalar };
        let mut shapes: Vec<Shape> = PRIMITIVES.iter().map(primitive).collect();
        for (name, shape) in &file.shapes {
            shapes.push(self.shape(name, shape).map_err(|error| format!("{name}: {error}"))?);
        }
        let mut operations = BTreeMap::new();
        for (name, operation) in &file.operations {
            operations.insert(name.clone(), self.operation(operation, &shapes).map_err(|e| format!("{name}: {e}"))?);
        }
        // Asks a service that moved from the query protocol to JSON for the error codes that it had before.
        let query_mode = file.query_compatible.then(|| ("x-amzn-query-mode".to_owned(), "true".to_owned()));
        Ok(Model {
            service: keep_text(&file.service),
            id: keep_text(&file.id),
            signing_name: file.signing_name.clone(),
            protocol: Protocol::of(file)?,
            wire: wire(&file.protocol)?,
            headers: file.headers.clone().into_iter().chain(query_mode).collect(),
            rules: file.endpoints.clone(),
            absent: file.absent.clone(),
            operations,
            shapes,
        })
    }

    fn number(&self, name: &str) -> Result<usize, String> {
        self.numbers.get(name).copied().ok_or_else(|| format!("there is no shape {name}"))
    }

    fn kind(&self, name: &str) -> Result<ShapeType, String> {
        let name = self.file.shapes.get(name).map_or(name, |shape| shape.kind.as_str());
        match name {
            "structure" => Ok(ShapeType::Structure),
            "list" => Ok(ShapeType::List),
            "map" => Ok(ShapeType::Map),
            _ => {
                let known = PRIMITIVES.iter().find(|(primitive, _)| *primitive == name).map(|(_, kind)| *kind);
                known.ok_or_else(|| format!("there is no type {name}"))
            }
        }
    }

    fn shape(&self, name: &str, shape: &file::Shape) -> Result<Shape, String> {
        let part = |pointer: &Option<Pointer>, part: &'static str, index| {
            let pointer = pointer.as_ref().ok_or_else(|| format!("it has no {part}"))?;
            self.member(part, pointer, index)
        };
        let itself = || {
            let pointer = Pointer { shape: name.to_owned(), ..Pointer::default() };
            self.dress(Schema::new(id(name), self.kind(name)?), &pointer, 0).map(keep)
        };
        Ok(match self.kind(name)? {
            ShapeType::Structure => self.structure(name, shape)?,
            ShapeType::List => Shape { schema: itself()?, kind: Kind::List(part(&shape.member, "member", 0)?) },
            ShapeType::Map => {
                let (key, value) = (part(&shape.key, "key", 0)?, part(&shape.value, "value", 1)?);
                Shape { schema: itself()?, kind: Kind::Map { key, value } }
            }
            _ => Shape { schema: itself()?, kind: Kind::Scalar },
        })
    }

    fn structure(&self, name: &str, shape: &file::Shape) -> Result<Shape, String> {
        let mut members = Vec::new();
        for (index, (name, pointer)) in shape.members.0.iter().enumerate() {
            let kept = keep_text(name);
            let mut member = self.member(kept, pointer, index).map_err(|error| format!("{name}: {error}"))?;
            if shape.payload.as_ref() == Some(name) {
                member.schema = keep(self.pointer(kept, pointer, index, 0)?.with_http_payload());
            }
            members.push(member);
        }
        let at = |wanted: &String| {
            let found = members.iter().position(|member| member.name == wanted);
            found.ok_or_else(|| format!("there is no member {wanted}"))
        };
        let required = shape.required.iter().map(at).collect::<Result<_, _>>()?;
        let payload = shape.payload.as_ref().map(at).transpose()?;
        let schemas: Vec<&'static Schema<'static>> = members.iter().map(|member| member.schema).collect();
        let schema = Schema::new_struct(id(name), ShapeType::Structure, Box::leak(schemas.into_boxed_slice()));
        let root = shape.location_name.clone().unwrap_or_else(|| name.to_owned());
        Ok(Shape { schema: keep(schema), kind: Kind::Structure(Structure { root, members, required, payload }) })
    }

    fn member(&self, name: &'static str, pointer: &Pointer, index: usize) -> Result<Member, String> {
        let schema = keep(self.pointer(name, pointer, index, 0)?);
        let element = schema.xml_name().map_or(name, |name| name.value()).to_owned();
        Ok(Member { name, schema, target: self.number(&pointer.shape)?, element })
    }

    /// The schema of a member, an element, a key or a value.
    fn pointer(
        &self,
        name: &'static str,
        pointer: &Pointer,
        index: usize,
        depth: usize,
    ) -> Result<Schema<'static>, String> {
        let kind = self.kind(&pointer.shape)?;
        let schema = Schema::new_member(id(&pointer.shape), kind, name, index);
        let schema = self.dress(schema, pointer, depth)?;
        let named = pointer.location_name.as_deref();
        let wire = named.unwrap_or(name);
        Ok(match pointer.location.as_deref() {
            Some("header") => schema.with_http_header(intern_header_name(wire)),
            Some("headers") => schema.with_http_prefix_headers(keep_text(named.unwrap_or_default())),
            Some("uri") => schema.with_http_label(),
            Some("querystring") if kind == ShapeType::Map => schema.with_http_query_params(),
            Some("querystring") => schema.with_http_query(keep_text(wire)),
            Some("statusCode") => schema.with_http_response_code(),
            Some(other) => return Err(format!("there is no location {other}")),
            None => {
                // A flattened list has no element of its own: what repeats is called as its members are.
                let list = self.file.shapes.get(&pointer.shape).filter(|_| schema.xml_flattened());
                let of_element = list.and_then(|list| list.member.as_ref()?.location_name.as_deref());
                let schema = match of_element.or(named) {
                    Some(name) => schema.with_xml_name(keep_text(name)),
                    None => schema,
                };
                match named {
                    Some(name) => schema.with_json_name(keep_text(name)),
                    None => schema,
                }
            }
        })
    }

    /// What the shape says wherever it stands.
    fn dress(&self, mut schema: Schema<'static>, pointer: &Pointer, depth: usize) -> Result<Schema<'static>, String> {
        if depth > DEEPEST {
            return Err("it holds itself without a structure between".to_owned());
        }
        let target = self.file.shapes.get(&pointer.shape);
        let part = |part: Option<&Pointer>, name: &'static str, index| {
            let part = part.ok_or_else(|| format!("{} has no {name}", pointer.shape))?;
            self.pointer(name, part, index, depth + 1).map(keep)
        };
        match (schema.shape_type(), target) {
            (ShapeType::List, Some(list)) => {
                schema = schema.with_list_member(part(list.member.as_ref(), "member", 0)?);
            }
            (ShapeType::Map, Some(map)) => {
                let key = part(map.key.as_ref(), "key", 0)?;
                schema = schema.with_map_members(key, part(map.value.as_ref(), "value", 1)?);
            }
            _ => {}
        }
        if pointer.flattened || target.is_some_and(|target| target.flattened) {
            schema = schema.with_xml_flattened();
        }
        if pointer.xml_attribute {
            schema = schema.with_xml_attribute();
        }
        let of_target = target.and_then(|target| target.timestamp_format.as_ref());
        if let Some(format) = pointer.timestamp_format.as_ref().or(of_target) {
            schema = schema.with_timestamp_format(timestamp_format(format)?);
        }
        Ok(schema)
    }

    fn operation(&self, operation: &file::Operation, shapes: &[Shape]) -> Result<Operation, String> {
        let input_shape = operation.input.as_deref().map(|name| self.number(name)).transpose()?;
        let output = operation.output.as_deref().map(|name| self.number(name)).transpose()?;
        let (members, mut uri): (&[Member], String) = match input_shape.and_then(|at| shapes.get(at)) {
            Some(Shape { kind: Kind::Structure(structure), .. }) => (&structure.members, operation.uri.clone()),
            Some(_) => return Err("the input is no structure".to_owned()),
            None => (&[], operation.uri.clone()),
        };
        // A label has the member's name in Smithy and its name on the wire in botocore's models.
        let said = operation.input.as_ref().and_then(|name| self.file.shapes.get(name));
        for (name, pointer) in said.map(|shape| shape.members.0.as_slice()).unwrap_or_default() {
            if let (Some("uri"), Some(wire)) = (pointer.location.as_deref(), &pointer.location_name) {
                uri = uri.replace(&format!("{{{wire}}}"), &format!("{{{name}}}"));
                uri = uri.replace(&format!("{{{wire}+}}"), &format!("{{{name}+}}"));
            }
        }
        let schemas: Vec<&'static Schema<'static>> = members.iter().map(|member| member.schema).collect();
        let name = id(operation.input.as_deref().unwrap_or("Unit"));
        let mut input = Schema::new_struct(name, ShapeType::Structure, Box::leak(schemas.into_boxed_slice()))
            .with_http(HttpTrait::new(keep_text(&operation.method), keep_text(&uri), None));
        let pointers = said.map(|shape| shape.members.0.as_slice()).unwrap_or_default();
        if pointers.iter().all(|(_, pointer)| pointer.location.is_some()) {
            input = input.with_no_body_members();
        }
        Ok(Operation {
            input: keep(input),
            input_shape,
            output,
            result_wrapper: operation.result_wrapper.clone(),
            pages: operation.pages.clone(),
        })
    }
}

/// botocore's name of a protocol.
fn wire(protocol: &str) -> Result<Wire, String> {
    match protocol {
        "json" => Ok(Wire::AwsJson),
        "rest-json" => Ok(Wire::RestJson),
        "query" => Ok(Wire::Query),
        "rest-xml" => Ok(Wire::RestXml),
        other => Err(format!("there is no protocol {other}")),
    }
}

fn timestamp_format(name: &str) -> Result<TimestampFormat, String> {
    match name {
        "iso8601" => Ok(TimestampFormat::DateTime),
        "unixTimestamp" => Ok(TimestampFormat::EpochSeconds),
        "rfc822" => Ok(TimestampFormat::HttpDate),
        other => Err(format!("there is no timestamp format {other}")),
    }
}

fn id(name: &str) -> ShapeId<'static> {
    ShapeId::from_parts(keep_text(&format!("aws#{name}")), "aws", keep_text(name))
}

fn keep(schema: Schema<'static>) -> &'static Schema<'static> {
    Box::leak(Box::new(schema))
}

fn keep_text(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
