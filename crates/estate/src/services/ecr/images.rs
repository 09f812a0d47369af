//! Images of a repository: which one is the newest that a scanner looks at, and what its scan says.

use crate::aws::model::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Manifests that hold no layers but point to those that do; their images are pushed before them.
const LISTS: &[&str] =
    &["application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"];

/// What the configuration of a container image is called.
const OF_IMAGES: &[&str] = &["application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"];

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcrImage {
    #[serde(rename = "imageDigest")]
    pub digest: String,
    /// None while it has none.
    #[serde(default, rename = "imageTags")]
    pub tags: Vec<String>,
    #[serde(rename = "imagePushedAt")]
    pub pushed: Time,
    image_manifest_media_type: Option<String>,
    artifact_media_type: Option<String>,
    subject_manifest_digest: Option<String>,
}

impl EcrImage {
    /// Whether it is a container image of its own: no list of images, no signature or list of parts of another, no chart.
    fn is_container(&self) -> bool {
        let list = self.image_manifest_media_type.as_deref().is_some_and(|kind| LISTS.contains(&kind));
        let other = self.artifact_media_type.as_deref().is_some_and(|kind| !OF_IMAGES.contains(&kind));
        // So signers name what they push beside an image in registries that know no referrers.
        let beside = !self.tags.is_empty() && self.tags.iter().all(|tag| tag.starts_with("sha256-"));
        !list && !other && !beside && self.subject_manifest_digest.is_none()
    }

    /// A tag of it, or its digest.
    pub fn called(&self) -> &str {
        self.tags.first().unwrap_or(&self.digest)
    }
}

/// The container image that was pushed last.
pub fn newest(images: &[EcrImage]) -> Option<&EcrImage> {
    images.iter().filter(|image| image.is_container()).max_by_key(|image| (image.pushed, image.digest.as_str()))
}

/// The scan of an image.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageScan {
    image_scan_status: ScanStatus,
    image_scan_findings: Option<Counts>,
}

#[derive(Clone, Debug, Deserialize)]
struct ScanStatus {
    status: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// A scan that found nothing may have none; its end is told all the same.
    #[serde(default)]
    finding_severity_counts: BTreeMap<String, i64>,
    image_scan_completed_at: Option<Time>,
}

impl ImageScan {
    /// `COMPLETE` (basic, or enhanced on push), `ACTIVE` (enhanced, continuous), `FAILED`, `PENDING`, …
    pub fn status(&self) -> &str {
        &self.image_scan_status.status
    }

    /// How many findings there are of each severity; `None` while there is no result.
    pub fn counts(&self) -> Option<&BTreeMap<String, i64>> {
        let found = self.image_scan_findings.as_ref()?;
        let ended = found.image_scan_completed_at.is_some() || !found.finding_severity_counts.is_empty();
        ended.then_some(&found.finding_severity_counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn image(digest: &str, pushed: &str, more: Value) -> EcrImage {
        let mut image = json!({ "imageDigest": digest, "imagePushedAt": pushed });
        image.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(image).unwrap()
    }

    #[test]
    fn the_newest_is_the_last_pushed_that_is_a_container_image() {
        let old = image("sha256:a", "2026-01-01T00:00:00Z", json!({ "imageTags": ["1.0"] }));
        let new = image("sha256:b", "2026-02-01T00:00:00Z", json!({ "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json", "artifactMediaType": OF_IMAGES[1] }));
        let digest = |images: &[EcrImage]| newest(images).map(|image| image.digest.clone());
        assert_eq!(digest(&[new.clone(), old.clone()]).as_deref(), Some("sha256:b"));
        assert_eq!(digest(&[]), None);
        for beside in [
            json!({ "imageManifestMediaType": LISTS[1], "imageTags": ["2.0"] }),
            json!({ "artifactMediaType": "application/vnd.cncf.helm.config.v1+json", "imageTags": ["2.0"] }),
            json!({ "subjectManifestDigest": "sha256:b" }),
            json!({ "imageTags": ["sha256-b.sig"] }),
        ] {
            let later = image("sha256:c", "2026-03-01T00:00:00Z", beside.clone());
            assert_eq!(digest(&[old.clone(), new.clone(), later]).as_deref(), Some("sha256:b"), "{beside}");
        }
        assert_eq!((old.called(), new.called()), ("1.0", "sha256:b"));
    }

    #[test]
    fn a_scan_has_a_result_when_it_says_what_it_found_or_when_it_ended() {
        let counts = |findings: Value| {
            let scan: ImageScan = serde_json::from_value(json!({ "imageScanStatus": { "status": "COMPLETE" }, "imageScanFindings": findings })).unwrap();
            scan.counts().cloned()
        };
        assert_eq!(counts(json!({ "findingSeverityCounts": { "HIGH": 2 } })).unwrap()["HIGH"], 2);
        let ended = json!({ "imageScanCompletedAt": "2026-03-01T00:00:00Z", "findings": [] });
        assert_eq!(counts(ended).map(|counts| counts.len()), Some(0));
        assert_eq!(counts(json!({ "findings": [] })), None, "not there yet");
        assert!(serde_json::from_value::<ImageScan>(json!({})).is_err(), "no status is no scan");
    }
}
