//! What an SDK answer says beyond its members: that there is none, that there are more pages, that something is missing.

use super::fault::Fault;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// Every item of a paginated list; the first page that fails fails the list.
pub(crate) async fn collect<T, E>(pages: impl PageStream<T, E>) -> Result<Vec<T>, Fault>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let mut pages = pages;
    let mut items = Vec::new();
    while let Some(item) = pages.next_item().await {
        items.push(item?);
    }
    Ok(items)
}

/// The SDK's pagination stream, which is no `futures::Stream`.
pub(crate) trait PageStream<T, E> {
    fn next_item(&mut self) -> impl Future<Output = Option<Result<T, SdkError<E, HttpResponse>>>> + Send;
}

impl<T, E> PageStream<T, E>
    for aws_smithy_async::future::pagination_stream::PaginationStream<Result<T, SdkError<E, HttpResponse>>>
where
    T: Send,
    E: Send + Sync + 'static,
{
    async fn next_item(&mut self) -> Option<Result<T, SdkError<E, HttpResponse>>> {
        self.next().await
    }
}

/// `Ok(None)` when AWS says by one of `codes` that there is none.
pub(crate) fn absent<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, codes: &[&str]) -> Result<Option<T>, Fault>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(SdkError::ServiceError(context)) if context.err().code().is_some_and(|code| codes.contains(&code)) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// As [`absent`], where the code is one that says other things too and only AWS's words tell them apart.
pub(crate) fn absent_by_words<T, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    code: &str,
    words: &str,
) -> Result<Option<T>, Fault>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(SdkError::ServiceError(context))
            if context.err().code() == Some(code)
                && context.err().message().is_some_and(|message| message.contains(words)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A member that AWS always sends; an answer without it is malformed, never "there is nothing".
pub(crate) fn required<T>(member: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::malformed(format!("the answer has no {member}")))
}
