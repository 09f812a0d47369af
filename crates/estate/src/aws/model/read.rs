//! An answer as JSON with the names of the model, read along the schema.
//!
//! Whatever does not fit is an error: a wrong type, a member that comes twice, one that the model requires and the answer
//! lacks. Only members that the model does not know are left unread: AWS adds members.

use super::error::Malformed;
use super::schema::{Kind, Model, Structure};
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_schema::{Schema, ShapeType};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{DateTime, Document, Number, base64};
use serde_json::{Map, Value};

pub(super) fn read_structure(
    model: &Model,
    reader: &mut dyn ShapeDeserializer,
    target: usize,
) -> Result<Value, Malformed> {
    let Some((schema, Kind::Structure(structure))) = model.shape(target).map(|shape| (shape.schema, &shape.kind))
    else {
        return Err(Malformed::new("no structure"));
    };
    let mut found = Map::new();
    reader.read_struct(schema, &mut |member, reader| {
        // A member that the model does not know comes under a schema of its own, without an index.
        let Some(member) = member.member_index().and_then(|at| structure.members.get(at)) else { return Ok(()) };
        let value = read(model, reader, member.schema, member.target);
        let value = value.map_err(|error| Malformed::from(error).within(member.name))?;
        // The reader gives no null but that of a document, which is as good as none.
        if !value.is_null() {
            put(&mut found, member.name, value)?;
        }
        Ok(())
    })?;
    complete(structure, found)
}

/// Puts a member where there is none yet.
pub(super) fn put(found: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Malformed> {
    match found.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Malformed::new(format!("{name} comes twice"))),
    }
}

/// The structure, if nothing is missing that the model requires.
pub(super) fn complete(structure: &Structure, found: Map<String, Value>) -> Result<Value, Malformed> {
    let required = structure.required.iter().filter_map(|at| structure.members.get(*at));
    match required.map(|member| member.name).find(|name| !found.contains_key(*name)) {
        Some(missing) => Err(Malformed::new(format!("the answer has no {missing}"))),
        None => Ok(Value::Object(found)),
    }
}

fn read(
    model: &Model,
    reader: &mut dyn ShapeDeserializer,
    schema: &'static Schema<'static>,
    target: usize,
) -> Result<Value, SerdeError> {
    if reader.is_null() {
        reader.read_null()?;
        return Ok(Value::Null);
    }
    let kind = model.shape(target).map(|shape| &shape.kind);
    Ok(match (schema.shape_type(), kind) {
        (ShapeType::Structure, _) => read_structure(model, reader, target)?,
        (ShapeType::List, Some(Kind::List(element))) => {
            let mut items = Vec::new();
            reader.read_list(schema, &mut |reader| {
                items.push(read(model, reader, element.schema, element.target)?);
                Ok(())
            })?;
            Value::Array(items)
        }
        (ShapeType::Map, Some(Kind::Map { value: of, .. })) => {
            let mut entries = Map::new();
            reader.read_map(schema, &mut |key, reader| {
                let value = read(model, reader, of.schema, of.target)?;
                put(&mut entries, &key, value)?;
                Ok(())
            })?;
            Value::Object(entries)
        }
        (ShapeType::Boolean, _) => Value::Bool(reader.read_boolean(schema)?),
        (ShapeType::Integer, _) => reader.read_integer(schema)?.into(),
        (ShapeType::Long, _) => reader.read_long(schema)?.into(),
        // Read as a double, a float has the digits that it was written with.
        (ShapeType::Float | ShapeType::Double, _) => float(reader.read_double(schema)?),
        (ShapeType::String, _) => reader.read_string(schema)?.into(),
        (ShapeType::Blob, _) => base64::encode(reader.read_blob(schema)?.as_ref()).into(),
        (ShapeType::Timestamp, _) => time(&reader.read_timestamp(schema)?)?,
        (ShapeType::Document, _) => value_of(reader.read_document(schema)?),
        (kind, _) => return Err(SerdeError::custom(format!("the model has a {kind:?} here"))),
    })
}

/// JSON has no number that is none; AWS writes it as text, and so do we.
pub(super) fn float(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(
        || {
            let text = if number.is_nan() {
                "NaN"
            } else if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            text.into()
        },
        Value::Number,
    )
}

pub(super) fn time(time: &DateTime) -> Result<Value, Malformed> {
    time.fmt(Format::DateTime).map(Value::String).map_err(|error| Malformed::new(error.to_string()))
}

fn value_of(document: Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(value),
        Document::String(text) => Value::String(text),
        Document::Array(items) => Value::Array(items.into_iter().map(value_of).collect()),
        Document::Object(map) => Value::Object(map.into_iter().map(|(name, item)| (name, value_of(item))).collect()),
        Document::Number(Number::PosInt(number)) => number.into(),
        Document::Number(Number::NegInt(number)) => number.into(),
        Document::Number(Number::Float(number)) => float(number),
    }
}
