//! Answers in XML, read along the schema, and strictly: see [`super::protocol`] for why not by the SDK.
//!
//! A root element, a wrapper or an item under another name than the model gives it is malformed, and so is text where
//! there should be elements. Only members of structures may be unknown.

use super::error::Malformed;
use super::read::{complete, float, put, time};
use super::schema::{Kind, Member, Model, Structure};
use super::xml::{self, Element};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_schema::traits::TimestampFormat;
use aws_smithy_schema::{Schema, ShapeType};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::{DateTime, base64};
use serde_json::{Map, Value};

/// An answer of the query protocol: `<ListUsersResponse><ListUsersResult>…`.
pub(super) fn query(
    model: &Model,
    operation: &str,
    wrapper: Option<&str>,
    target: usize,
    root: &Element,
) -> Result<Value, Malformed> {
    called(root, &format!("{operation}Response"))?;
    let Some(wrapper) = wrapper else { return structure(model, target, root) };
    structure(model, target, one(root, wrapper)?)
}

/// An answer of the REST protocol: headers, status, and a body that is the output or one member of it.
pub(super) fn rest(model: &Model, target: usize, response: &HttpResponse, body: &[u8]) -> Result<Value, Malformed> {
    let output = structure_of(model, target)?;
    let mut found = Map::new();
    for member in &output.members {
        if let Some(value) = bound(member.schema, response).transpose() {
            put(&mut found, member.name, value.map_err(|error| error.within(member.name))?)?;
        }
    }
    match output.payload.and_then(|at| output.members.get(at)) {
        Some(payload) => {
            let value = match model.shape(payload.target).map(|shape| &shape.kind) {
                Some(Kind::Structure(inner)) => {
                    let root = xml::parse(body)?;
                    let own = payload.schema.xml_name().map_or(inner.root.as_str(), |name| name.value());
                    called(&root, own)?;
                    structure(model, payload.target, &root)?
                }
                _ if payload.schema.shape_type() == ShapeType::Blob => base64::encode(body).into(),
                _ => scalar(payload.schema, std::str::from_utf8(body).map_err(|e| Malformed::new(e.to_string()))?)?,
            };
            put(&mut found, payload.name, value)?;
        }
        None if output.members.iter().any(|member| !is_bound(member.schema)) => {
            let root = xml::parse(body)?;
            called(&root, &output.root)?;
            members(model, output, &root, &mut found)?;
        }
        None => {}
    }
    complete(output, found)
}

/// AWS's code and message: `<ErrorResponse><Error><Code>`, `<Error><Code>`, or `<Response><Errors><Error><Code>`.
pub(super) fn error(root: &Element) -> Option<ErrorMetadata> {
    let inner = root.named("Error").next();
    let inner = inner.or_else(|| root.named("Errors").next().and_then(|errors| errors.named("Error").next()));
    let error = if root.name == "Error" { root } else { inner? };
    let text = |name| error.named(name).next().map(|element| element.text.trim()).filter(|text| !text.is_empty());
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = text("Code") {
        metadata = metadata.code(code);
    }
    if let Some(message) = text("Message") {
        metadata = metadata.message(message);
    }
    Some(metadata.build())
}

fn called(element: &Element, name: &str) -> Result<(), Malformed> {
    if element.name == name {
        return Ok(());
    }
    Err(Malformed::new(format!("<{}> where <{name}> was expected", element.name)))
}

fn structure_of(model: &Model, target: usize) -> Result<&Structure, Malformed> {
    match model.shape(target).map(|shape| &shape.kind) {
        Some(Kind::Structure(structure)) => Ok(structure),
        _ => Err(Malformed::new("no structure")),
    }
}

fn structure(model: &Model, target: usize, element: &Element) -> Result<Value, Malformed> {
    let structure = structure_of(model, target)?;
    let mut found = Map::new();
    members(model, structure, element, &mut found)?;
    complete(structure, found)
}

/// Whether a member is not in the body.
fn is_bound(schema: &Schema<'_>) -> bool {
    schema.http_header().is_some() || schema.http_prefix_headers().is_some() || schema.http_response_code().is_some()
}

fn members(
    model: &Model,
    structure: &Structure,
    element: &Element,
    found: &mut Map<String, Value>,
) -> Result<(), Malformed> {
    no_text(element)?;
    for member in structure.members.iter().filter(|member| !is_bound(member.schema)) {
        let value = if member.schema.xml_attribute() {
            let attribute = element.attributes.iter().find(|(name, _)| *name == member.element);
            attribute.map(|(_, text)| scalar(member.schema, text)).transpose()
        } else {
            let mut elements = element.named(&member.element).peekable();
            match elements.peek() {
                None => Ok(None),
                Some(_) if member.schema.xml_flattened() => repeated(model, member, elements).map(Some),
                Some(_) => elements.try_fold(None, |before, element| match before {
                    None => value(model, member, element).map(Some),
                    Some(_) => Err(Malformed::new("comes twice")),
                }),
            }
        };
        if let Some(value) = value.map_err(|error| error.within(member.name))? {
            put(found, member.name, value)?;
        }
    }
    Ok(())
}

/// A list or a map without an element of its own.
fn repeated<'a>(
    model: &Model,
    member: &Member,
    elements: impl Iterator<Item = &'a Element>,
) -> Result<Value, Malformed> {
    match model.shape(member.target).map(|shape| &shape.kind) {
        Some(Kind::List(item)) => elements.map(|element| value(model, item, element)).collect(),
        Some(Kind::Map { key, value }) => entries(model, key, value, elements),
        _ => Err(Malformed::new("the model flattens what is no list")),
    }
}

fn value(model: &Model, member: &Member, element: &Element) -> Result<Value, Malformed> {
    match model.shape(member.target).map(|shape| &shape.kind) {
        Some(Kind::Structure(_)) => structure(model, member.target, element),
        Some(Kind::List(item)) => {
            no_text(element)?;
            let read = |child: &Element| called(child, &item.element).and_then(|()| value(model, item, child));
            element.children.iter().map(read).collect()
        }
        Some(Kind::Map { key, value }) => {
            no_text(element)?;
            element.children.iter().try_for_each(|entry| called(entry, "entry"))?;
            entries(model, key, value, element.children.iter())
        }
        Some(Kind::Scalar) if element.children.is_empty() => scalar(member.schema, &element.text),
        _ => Err(Malformed::new(format!("elements where text was expected, in <{}>", element.name))),
    }
}

fn entries<'a>(
    model: &Model,
    key: &Member,
    of: &Member,
    entries: impl Iterator<Item = &'a Element>,
) -> Result<Value, Malformed> {
    let mut found = Map::new();
    for entry in entries {
        no_text(entry)?;
        let (key, item) = (one(entry, &key.element)?, one(entry, &of.element)?);
        put(&mut found, &key.text, value(model, of, item)?)?;
    }
    Ok(Value::Object(found))
}

fn one<'a>(element: &'a Element, name: &str) -> Result<&'a Element, Malformed> {
    let mut named = element.children.iter().filter(|child| child.name == name);
    match (named.next(), named.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(Malformed::new(format!("<{}> has not one <{name}>", element.name))),
    }
}

fn no_text(element: &Element) -> Result<(), Malformed> {
    if element.text.trim().is_empty() {
        return Ok(());
    }
    Err(Malformed::new(format!("text where elements were expected, in <{}>", element.name)))
}

/// The value of a member that is in the status or the headers.
fn bound(schema: &Schema<'_>, response: &HttpResponse) -> Result<Option<Value>, Malformed> {
    if schema.http_response_code().is_some() {
        return Ok(Some(response.status().as_u16().into()));
    }
    if let Some(prefix) = schema.http_prefix_headers() {
        let named = response.headers().iter().filter_map(|(name, value)| {
            let (start, name) = name.split_at_checked(prefix.value().len())?;
            start.eq_ignore_ascii_case(prefix.value()).then(|| (name.to_owned(), Value::from(value)))
        });
        return Ok(Some(Value::Object(named.collect())));
    }
    let header = schema.http_header().and_then(|header| response.headers().get(header.value()));
    header.map(|text| scalar_as(schema, text, Format::HttpDate)).transpose()
}

fn scalar(schema: &Schema<'_>, text: &str) -> Result<Value, Malformed> {
    scalar_as(schema, text, Format::DateTimeWithOffset)
}

fn scalar_as(schema: &Schema<'_>, text: &str, times: Format) -> Result<Value, Malformed> {
    let shown = || text.chars().take(40).collect::<String>();
    let wrong = || Malformed::new(format!("{:?} is no {:?}", shown(), schema.shape_type()));
    let word = text.trim();
    Ok(match schema.shape_type() {
        ShapeType::String => text.into(),
        ShapeType::Boolean => match word {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err(wrong()),
        },
        ShapeType::Integer => word.parse::<i32>().map_err(|_| wrong())?.into(),
        ShapeType::Long => word.parse::<i64>().map_err(|_| wrong())?.into(),
        ShapeType::Float | ShapeType::Double => float(word.parse().map_err(|_| wrong())?),
        ShapeType::Blob => {
            base64::decode(word).map_err(|_| wrong())?;
            word.into()
        }
        ShapeType::Timestamp => {
            let format = match schema.timestamp_format().map(|format| format.format()) {
                Some(TimestampFormat::DateTime) => Format::DateTimeWithOffset,
                Some(TimestampFormat::EpochSeconds) => Format::EpochSeconds,
                Some(TimestampFormat::HttpDate) => Format::HttpDate,
                _ => times,
            };
            time(&DateTime::from_str(word, format).map_err(|_| wrong())?)?
        }
        _ => return Err(wrong()),
    })
}
