//! Shards: one scan cut into several, each an own process, by account. Which shard an account belongs to depends on its id alone, so
//! that shards which list the accounts at different moments neither share nor miss one.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The `index`th of `count` shards; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    pub index: u32,
    pub count: u32,
}

impl Shard {
    /// Whether the account is part of this shard.
    pub fn holds(&self, account: &str) -> bool {
        let digest = Sha256::digest(account.as_bytes());
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// The shard that the environment of a job names: of an AWS Batch array job, or of a Kubernetes Indexed Job, whose number of
    /// completions `POSTURE_SHARDS` has to repeat, as Kubernetes does not tell it.
    ///
    /// <https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html>
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>
    ///
    /// # Errors
    /// When the variables are not numbers, or one is missing.
    pub fn of_job(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, String> {
        let number = |name: &str| match variable(name) {
            None => Ok(None),
            Some(text) => text.trim().parse().map(Some).map_err(|_| format!("{name} is {text:?}, not a number")),
        };
        let (batch, size) = (number("AWS_BATCH_JOB_ARRAY_INDEX")?, number("AWS_BATCH_JOB_ARRAY_SIZE")?);
        let (index, count): (u32, u32) = match (batch, number("JOB_COMPLETION_INDEX")?) {
            (Some(index), _) => {
                (index, size.ok_or("AWS_BATCH_JOB_ARRAY_INDEX is set and AWS_BATCH_JOB_ARRAY_SIZE is not")?)
            }
            (None, Some(index)) => {
                let count = number("POSTURE_SHARDS")?;
                (
                    index,
                    count.ok_or(
                        "JOB_COMPLETION_INDEX is set: set POSTURE_SHARDS to the job's completions, or give --shard",
                    )?,
                )
            }
            (None, None) => return Ok(None),
        };
        let shard = Shard { index: index.saturating_add(1), count };
        if shard.valid() {
            Ok(Some(shard))
        } else {
            Err(format!("index {index} is not below the number of shards, {count}"))
        }
    }

    fn valid(self) -> bool {
        (1..=self.count).contains(&self.index)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some(Shard { index: index.parse().ok()?, count: count.parse().ok()? }));
        parsed
            .filter(|shard| shard.valid())
            .ok_or_else(|| format!("{text:?} is not I/N with I from 1 to N, such as 3/8"))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_is_in_exactly_one_shard() {
        for count in [1, 2, 8, 13] {
            let mut sizes = vec![0; count as usize];
            for number in 0..1000_u64 {
                let id = format!("{:012}", number * 7_919 + 100_000_000_000);
                let holders: Vec<u32> = (1..=count).filter(|index| Shard { index: *index, count }.holds(&id)).collect();
                let [one] = holders.as_slice() else { panic!("{id}: {holders:?}") };
                sizes[*one as usize - 1] += 1;
            }
            assert!(sizes.iter().all(|size| *size > 1000 / count as usize / 2), "{sizes:?}");
        }
    }

    #[test]
    fn shards_are_parsed_and_found_in_the_environment() {
        assert_eq!("3/8".parse(), Ok(Shard { index: 3, count: 8 }));
        for wrong in ["0/8", "9/8", "3", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        let job = |set: &[(&str, &str)]| {
            let set: Vec<(String, String)> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            Shard::of_job(|name| set.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
        };
        assert_eq!(job(&[]), Ok(None));
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")];
        assert_eq!(job(&batch), Ok(Some(Shard { index: 1, count: 8 })));
        assert_eq!(
            job(&[("JOB_COMPLETION_INDEX", "7"), ("POSTURE_SHARDS", "8")]),
            Ok(Some(Shard { index: 8, count: 8 }))
        );
        assert!(job(&[("JOB_COMPLETION_INDEX", "8"), ("POSTURE_SHARDS", "8")]).is_err());
        assert!(job(&[("JOB_COMPLETION_INDEX", "1")]).unwrap_err().contains("POSTURE_SHARDS"));
    }
}
