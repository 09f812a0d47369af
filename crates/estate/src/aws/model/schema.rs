//! A model file as schemas of the SDK's runtime.
//!
//! A schema of a member or an element points at its target by type only, so that a shape may hold itself; how the target
//! is built is looked up by its number when it is read. Schemas live as long as the program: a model is parsed once.

use super::file::{Pages, Rule};
use super::protocol::Protocol;
use crate::aws::service::Wire;
use aws_smithy_schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// A service: its operations, their shapes, and where it answers.
#[derive(Debug)]
pub struct Model {
    pub(super) service: &'static str,
    pub(super) id: &'static str,
    pub(super) signing_name: String,
    pub(super) protocol: Protocol,
    pub(super) wire: Wire,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) rules: Vec<Rule>,
    /// The Regions that botocore lists and the service is not in.
    pub(super) absent: BTreeSet<String>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: Vec<Shape>,
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// The input with the HTTP binding, and its shape.
    pub(super) input: &'static Schema<'static>,
    pub(super) input_shape: Option<usize>,
    pub(super) output: Option<usize>,
    pub(super) result_wrapper: Option<String>,
    pub(super) pages: Option<Pages>,
}

#[derive(Debug)]
pub(super) struct Shape {
    /// As it is where it is no member: in a list or a map, or by itself.
    pub(super) schema: &'static Schema<'static>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Structure(Structure),
    List(Member),
    Map { key: Member, value: Member },
    Scalar,
}

#[derive(Debug)]
pub(super) struct Structure {
    /// What the root element is called where it is one.
    pub(super) root: String,
    pub(super) members: Vec<Member>,
    pub(super) required: Vec<usize>,
    /// The member that is the whole body.
    pub(super) payload: Option<usize>,
}

/// A member of a structure, an element of a list, a key or a value of a map.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) schema: &'static Schema<'static>,
    pub(super) target: usize,
    /// Its element or attribute in XML.
    pub(super) element: String,
}

impl Model {
    /// The name of the service as calls have it.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Whether AWS does not offer the service in a region, as far as botocore knows.
    pub fn lacks(&self, region: &str) -> bool {
        self.absent.contains(region)
    }

    /// How questions and answers are written.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// The operations that the model has.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    pub(super) fn shape(&self, at: usize) -> Option<&Shape> {
        self.shapes.get(at)
    }
}
