//! A question as the SDK's serializers take it: JSON with the names of the model, written along the schema.

use super::error::Malformed;
use super::schema::{Kind, Member, Model, Operation, Structure};
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_schema::{Schema, ShapeType, prelude};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{Blob, DateTime, Document, Number, base64};
use serde_json::Value;

/// The input of an operation, or a structure within.
pub(super) struct Question<'a> {
    model: &'a Model,
    schema: &'static Schema<'static>,
    /// None where an operation takes nothing.
    structure: Option<&'a Structure>,
    value: &'a Value,
}

impl<'a> Question<'a> {
    pub(super) fn new(model: &'a Model, operation: &'a Operation, value: &'a Value) -> Result<Self, Malformed> {
        match operation.input_shape {
            Some(at) => Self::of(model, operation.input, at, value),
            None if value.as_object().is_none_or(serde_json::Map::is_empty) => {
                Ok(Question { model, schema: operation.input, structure: None, value })
            }
            None => Err(Malformed::new("the operation takes no input")),
        }
    }

    fn of(model: &'a Model, schema: &'static Schema<'static>, at: usize, value: &'a Value) -> Result<Self, Malformed> {
        let Some(Kind::Structure(structure)) = model.shape(at).map(|shape| &shape.kind) else {
            return Err(Malformed::new("no structure"));
        };
        let given = value.as_object().ok_or_else(|| Malformed::new("an object was expected"))?;
        let known = |name: &&String| structure.members.iter().any(|member| member.name == name.as_str());
        if let Some(unknown) = given.keys().find(|name| !known(name)) {
            return Err(Malformed::new(format!("the model has no member {unknown}")));
        }
        let given = |at: &&usize| structure.members.get(**at).is_some_and(|member| value_of(value, member).is_some());
        if let Some(missing) = structure.required.iter().find(|at| !given(at)) {
            let name = structure.members.get(*missing).map_or("", |member| member.name);
            return Err(Malformed::new(format!("the question has no {name}")));
        }
        Ok(Question { model, schema, structure: Some(structure), value })
    }
}

fn value_of<'a>(value: &'a Value, member: &Member) -> Option<&'a Value> {
    value.get(member.name).filter(|value| !value.is_null())
}

impl SerializableStruct for Question<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.schema
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        for member in self.structure.map(|structure| structure.members.as_slice()).unwrap_or_default() {
            if let Some(value) = value_of(self.value, member) {
                write(self.model, serializer, member.schema, member.target, value)
                    .map_err(|error| Malformed::from(error).within(member.name))?;
            }
        }
        Ok(())
    }
}

fn write(
    model: &Model,
    serializer: &mut dyn ShapeSerializer,
    schema: &'static Schema<'static>,
    target: usize,
    value: &Value,
) -> Result<(), SerdeError> {
    let shape = model.shape(target).ok_or_else(|| SerdeError::custom("the model lacks a shape"))?;
    let wrong = || SerdeError::custom(format!("{value} is no {:?}", schema.shape_type()));
    let text = || value.as_str().ok_or_else(wrong);
    let number = || value.as_i64().ok_or_else(wrong);
    match schema.shape_type() {
        ShapeType::Structure => serializer.write_struct(schema, &Question::of(model, shape.schema, target, value)?),
        ShapeType::List => {
            let Kind::List(element) = &shape.kind else { return Err(wrong()) };
            let items = value.as_array().ok_or_else(wrong)?;
            serializer.write_list_with_length(schema, items.len(), &|serializer| {
                items.iter().try_for_each(|item| write_within(model, serializer, element.target, item))
            })
        }
        ShapeType::Map => {
            let Kind::Map { value: of, .. } = &shape.kind else { return Err(wrong()) };
            let entries = value.as_object().ok_or_else(wrong)?;
            serializer.write_map_with_length(schema, entries.len(), &|serializer| {
                entries.iter().try_for_each(|(name, item)| {
                    serializer.write_string(&prelude::STRING, name)?;
                    write_within(model, serializer, of.target, item)
                })
            })
        }
        ShapeType::Boolean => serializer.write_boolean(schema, value.as_bool().ok_or_else(wrong)?),
        ShapeType::Integer => serializer.write_integer(schema, i32::try_from(number()?).map_err(|_| wrong())?),
        ShapeType::Long => serializer.write_long(schema, number()?),
        ShapeType::Float | ShapeType::Double => serializer.write_double(schema, value.as_f64().ok_or_else(wrong)?),
        ShapeType::String => serializer.write_string(schema, text()?),
        ShapeType::Blob => {
            let bytes = base64::decode(text()?).map_err(|_| wrong())?;
            serializer.write_blob(schema, Blob::new(bytes))
        }
        ShapeType::Timestamp => {
            let time = DateTime::from_str(text()?, Format::DateTimeWithOffset).map_err(|_| wrong())?;
            serializer.write_timestamp(schema, &time)
        }
        ShapeType::Document => serializer.write_document(schema, &document(value)),
        _ => Err(wrong()),
    }
}

/// An element or a value: the serializers tell it from a member by its having no name.
fn write_within(
    model: &Model,
    serializer: &mut dyn ShapeSerializer,
    target: usize,
    value: &Value,
) -> Result<(), SerdeError> {
    let shape = model.shape(target).ok_or_else(|| SerdeError::custom("the model lacks a shape"))?;
    write(model, serializer, shape.schema, target, value)
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(map) => {
            Document::Object(map.iter().map(|(name, value)| (name.clone(), document(value))).collect())
        }
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
    }
}
