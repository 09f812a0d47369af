//! Can anyone launch one of the account's own images? One paged call says it for all of them.

use crate::prelude::*;
use aws_sdk_ec2::types::Image;

pub async fn probe(at: &Region) -> Outcome {
    let images = at.ec2().own_images().await?;
    Ok(images.iter().map(|image| judge(image).on(at.ec2().image(image))).collect())
}

fn judge(image: &Image) -> Verdict {
    let id = image.image_id().unwrap_or("unnamed");
    match image.public() {
        Some(true) => {
            Verdict::fail("public", format!("image {id} is public: every AWS account can launch and copy it"))
        }
        Some(false) => Verdict::pass(format!("image {id} is not public")),
        None => Verdict::undecided(format!("EC2 did not say whether image {id} is public")),
    }
    .evidence(json!({"public": image.public()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(public: Option<bool>) -> Status {
        judge(&Image::builder().image_id("ami-1").set_public(public).build()).status
    }

    #[test]
    fn both_sides_and_no_answer() {
        assert_eq!(status(Some(true)), Status::Fail);
        assert_eq!(status(Some(false)), Status::Pass);
        assert_eq!(status(None), Status::Unknown);
    }
}
