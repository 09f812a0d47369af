//! The packages of a repository by their origin controls, and whether their versions came from where the controls say.

use crate::prelude::*;
use posture_estate::services::codeartifact::{ListedPackage, PackageRepository};

/// What a repository has, by how new versions may come in.
pub(super) struct Seen {
    /// Both ways.
    pub open: Answer<Vec<ListedPackage>>,
    /// One way, and whether a version came in the other way.
    pub narrow: Vec<(String, Direction, Answer<bool>)>,
    /// Those whose versions were not looked at.
    pub left: usize,
    pub unseen: Vec<Gap>,
}

#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// Publishing is blocked and upstream allowed, so that it should be external.
    FromOutside,
    /// And the other way round.
    FromInside,
}

/// Asks for the packages of a repository, and of `most` of them where versions came from.
pub(super) async fn look(at: &Region, repository: &PackageRepository, most: usize) -> Seen {
    let ask = at.codeartifact();
    let (open, outside, inside) = join!(
        ask.packages(repository, "ALLOW", "ALLOW"),
        ask.packages(repository, "BLOCK", "ALLOW"),
        ask.packages(repository, "ALLOW", "BLOCK"),
    );
    let (mut unseen, mut all) = (Vec::new(), Vec::new());
    for (direction, packages) in [(Direction::FromOutside, outside), (Direction::FromInside, inside)] {
        match packages {
            Ok(packages) => all.extend(packages.iter().map(|package| (direction, package.clone()))),
            Err(gap) => unseen.push(gap),
        }
    }
    let left = all.len().saturating_sub(most);
    all.truncate(most);
    let asked = all.iter().map(async |(direction, package)| {
        let other = match direction {
            Direction::FromOutside => "INTERNAL",
            Direction::FromInside => "EXTERNAL",
        };
        (package.label(), *direction, at.codeartifact().has_versions(repository, package, other).await)
    });
    Seen { open, narrow: join_all(asked).await, left, unseen }
}
