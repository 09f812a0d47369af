//! What one is after in an answer: its items, through every page by the paginator of the model, or one of its members.

use super::client::malformed;
use super::file::Pages;
use super::{CallError, Client, Malformed};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

impl Client {
    /// Asks for every page and reads each into `P`.
    ///
    /// # Errors
    /// As [`Client::call`]; a token that comes again would go on for ever, and is malformed.
    pub async fn pages<P>(&self, operation: &str, input: Value) -> Result<Vec<P>, CallError>
    where
        P: DeserializeOwned,
    {
        let mut pages = Vec::new();
        for page in self.walk(operation, input).await? {
            pages.push(serde_json::from_value(page).map_err(|error| malformed(&error.to_string()))?);
        }
        Ok(pages)
    }

    /// The items of one of the lists that the operation pages, a path of members: `Users`, `DistributionList.Items`. A page without
    /// it is malformed; where AWS leaves out an empty list, read [`Client::pages`] into a struct that says so.
    ///
    /// # Errors
    /// As [`Client::pages`].
    pub async fn items<T>(&self, operation: &str, input: Value, list: &str) -> Result<Vec<T>, CallError>
    where
        T: DeserializeOwned,
    {
        if !self.paginator(operation).map_err(CallError::construction_failure)?.items.iter().any(|path| path == list) {
            let error = Malformed::new(format!("{operation} does not page {list}"));
            return Err(CallError::construction_failure(error));
        }
        let mut items = Vec::new();
        for page in self.walk(operation, input).await? {
            let found = at(&page, list).ok_or_else(|| malformed(&format!("the answer has no {list}")))?;
            let page: Vec<T> = serde_json::from_value(found.clone()).map_err(|e| malformed(&format!("{list}: {e}")))?;
            items.extend(page);
        }
        Ok(items)
    }

    /// One member of the answer, a path: `Policy.Content`. An answer without it is malformed; where AWS leaves it out when there is
    /// nothing to say, read [`Client::call`] into a struct that says so.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn member<T>(&self, operation: &str, input: Value, path: &str) -> Result<T, CallError>
    where
        T: DeserializeOwned,
    {
        let answer: Value = self.call(operation, input).await?;
        let found = at(&answer, path).ok_or_else(|| malformed(&format!("the answer has no {path}")))?;
        T::deserialize(found).map_err(|error| malformed(&format!("{path}: {error}")))
    }

    fn paginator(&self, operation: &str) -> Result<&Pages, Malformed> {
        let known = self.model.operation(operation).and_then(|operation| operation.pages.as_ref());
        known.ok_or_else(|| Malformed::new(format!("the model of {} has no pages of {operation}", self.model.service)))
    }

    async fn walk(&self, operation: &str, mut input: Value) -> Result<Vec<Value>, CallError> {
        let Pages { input: into, output, more, .. } =
            self.paginator(operation).map_err(CallError::construction_failure)?;
        let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            let page: Value = self.call(operation, input.clone()).await?;
            let tokens: Vec<Option<Value>> = output.iter().map(|path| token(&page, path)).collect();
            // Where the answer does not say, the token does: an end too early would be a silent hole.
            let goes_on = more.as_ref().and_then(|path| at(&page, path)?.as_bool());
            pages.push(page);
            match (goes_on, tokens.iter().any(Option::is_some)) {
                (Some(false), _) | (None, false) => return Ok(pages),
                (Some(true), false) => return Err(malformed("there is another page, but no token for it")),
                (Some(true) | None, true) => {}
            }
            if !seen.insert(format!("{tokens:?}")) {
                return Err(malformed("the token of a page came again"));
            }
            let question = input.as_object_mut().ok_or_else(|| malformed("the question is no object"))?;
            advance(question, into, tokens);
        }
    }
}

/// Puts the tokens of a page into the question for the next; what the page did not give is taken out.
fn advance(question: &mut Map<String, Value>, into: &[String], tokens: Vec<Option<Value>>) {
    for (name, token) in into.iter().zip(tokens) {
        match token {
            Some(token) => question.insert(name.clone(), token),
            None => question.remove(name),
        };
    }
}

/// What a path of members leads to.
fn at<'a>(page: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(page, |value, name| value.get(name))
}

/// AWS ends with no token, or with an empty one.
fn token(page: &Value, path: &str) -> Option<Value> {
    at(page, path).filter(|value| !value.is_null() && value.as_str() != Some("")).cloned()
}
