//! Reports to S3, for scans that run where no disk outlives them. The scan's own transport refuses every write; this is a client of
//! its own, and `s3:PutObject` on the place is all it needs.

use crate::run::UserError;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::primitives::ByteStream;
use posture_estate::aws::fault::Fault;
use std::path::Path;

/// Puts a file there. When it cannot be put, the file stays and the error names it: nothing that was found is lost.
pub async fn put(
    file: tempfile::NamedTempFile,
    bucket: &str,
    key: &str,
    profile: Option<&str>,
) -> Result<(), UserError> {
    let error = match try_put(file.path(), bucket, key, profile).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let kept = match file.keep() {
        Ok((_, path)) => format!("the report is in {}", path.display()),
        Err(error) => format!("and the report could not be kept: {error}"),
    };
    Err(UserError::new(
        format!("cannot write s3://{bucket}/{key}: {error}"),
        format_args!("it needs s3:PutObject there; {kept}"),
    ))
}

async fn try_put(file: &Path, bucket: &str, key: &str, profile: Option<&str>) -> Result<(), String> {
    let sdk = posture_estate::aws::credentials::load(profile).await.map_err(|error| error.to_string())?;
    let mut region = sdk.region().cloned().unwrap_or(Region::from_static("us-east-1"));
    for last in [false, true] {
        let config = aws_sdk_s3::config::Builder::from(&sdk).region(region.clone()).build();
        let body = ByteStream::from_path(file).await.map_err(|error| error.to_string())?;
        let put = aws_sdk_s3::Client::from_conf(config).put_object().bucket(bucket).key(key).body(body);
        let Err(error) = put.send().await else { return Ok(()) };
        // A bucket elsewhere says where.
        let there =
            error.raw_response().and_then(|answer| answer.headers().get("x-amz-bucket-region")).map(str::to_owned);
        match there {
            Some(there) if !last && there != region.as_ref() => region = Region::new(there),
            _ => return Err(Fault::from(error).message),
        }
    }
    Ok(())
}
