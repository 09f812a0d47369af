//! Which of an account's resources the patterns of a statement mean, for an action: all of a kind that it takes, some, or none.
//!
//! An action is authorised on the kinds of resources that the Service Authorization Reference gives
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html>, the table of [`super::actions`]); what a
//! pattern means beside them, in another account or in another partition gives nothing.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::actions::{self, Kind};
use super::decision::Context;
use super::document::{Set, Statement};
use super::paths::Need;
use super::pattern::Pattern;

/// Whatever region: their names have two hyphens at least.
static EVERY_REGION: LazyLock<Pattern> = LazyLock::new(|| Pattern::wild("*-*-*", false));

/// An action, on what it matters, and whether only every region will do.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub action: &'a str,
    pub need: Need<'a>,
    pub every_region: bool,
    /// Whether all of one kind will do where an action takes several.
    pub one_kind: bool,
    pub context: &'a Context,
}

impl Scope<'_> {
    /// Whether an Allow reaches enough of them.
    pub fn is_reached(&self, allow: &Statement) -> bool {
        let Some(set) = &allow.resources else { return true };
        match (self.need, set) {
            (Need::On(spellings), set) => spellings.iter().any(|one| set.covers(one)),
            (Need::Any, Set::Only(patterns)) => patterns.iter().any(|p| self.touches(p)),
            (Need::All(_), Set::Only(patterns)) => self.all(patterns),
            // Everything but a few.
            (_, Set::Except(patterns)) => !Scope { every_region: true, ..*self }.any_whole(patterns),
        }
    }

    /// Whether a Deny takes them away: all, or so many that no longer every one is left.
    pub fn is_denied(&self, deny: &Statement) -> bool {
        let Some(set) = &deny.resources else { return false };
        let everywhere = Scope { every_region: true, ..*self };
        match (self.need, set) {
            (Need::On(spellings), set) => spellings.iter().any(|one| set.covers(one)),
            (Need::Any, Set::Only(patterns)) => patterns.iter().any(|p| everywhere.is_all_of_them(p)),
            // What is excepted stays to choose from.
            (Need::Any, Set::Except(patterns)) => !patterns.iter().any(|p| self.touches(p)),
            (Need::All(_), Set::Only(patterns)) => everywhere.none_left(patterns),
            (Need::All(_), Set::Except(patterns)) => !self.any_whole(patterns),
        }
    }

    /// The kinds that count; `None` when the table does not know the action.
    fn kinds(&self) -> Option<Vec<Kind>> {
        let mut kinds = actions::kinds(self.action)?;
        if let Need::All(prefix) = self.need
            && !prefix.is_empty()
        {
            kinds.retain(|kind| kind.arn.last().is_some_and(|resource| resource.text().starts_with(prefix)));
            // The table and the path differ in a name: the path's own word counts.
            if kinds.is_empty() {
                return None;
            }
        }
        Some(kinds)
    }

    /// Whether the patterns together mean all of what the action is about.
    fn all(&self, patterns: &[Pattern]) -> bool {
        self.decided_by_kinds(patterns, |kinds, whole| {
            let mut required = kinds.iter().filter(|kind| kind.required).peekable();
            if self.one_kind || required.peek().is_none() { kinds.iter().any(whole) } else { required.all(whole) }
        })
    }

    /// Whether the patterns mean all of a kind without which the action cannot be used, or all that there are.
    fn none_left(&self, patterns: &[Pattern]) -> bool {
        self.decided_by_kinds(patterns, |kinds, whole| {
            kinds.iter().any(|kind| kind.required && whole(kind)) || kinds.iter().all(whole)
        })
    }

    /// By the kinds that the action takes and which of them the patterns mean whole; an action that takes none, or that the table does
    /// not know, by the patterns alone.
    fn decided_by_kinds(&self, patterns: &[Pattern], decide: impl Fn(&[Kind], &dyn Fn(&Kind) -> bool) -> bool) -> bool {
        match self.kinds() {
            Some(kinds) if !kinds.is_empty() => decide(&kinds, &|kind| patterns.iter().any(|p| self.is_whole(p, kind))),
            _ => patterns.iter().any(|p| self.is_all_of_them(p)),
        }
    }

    /// Whether one of the patterns means all of a kind: what excepts it leaves little.
    fn any_whole(&self, patterns: &[Pattern]) -> bool {
        self.decided_by_kinds(patterns, |kinds, whole| kinds.iter().any(whole))
    }

    fn is_all_of_them(&self, pattern: &Pattern) -> bool {
        match self.kinds() {
            Some(kinds) if !kinds.is_empty() => kinds.iter().all(|kind| self.is_whole(pattern, kind)),
            Some(_) => pattern.is_everything(),
            None => self.is_whole_somehow(pattern),
        }
    }

    /// Whether the pattern means something that the action takes.
    fn touches(&self, pattern: &Pattern) -> bool {
        match self.kinds() {
            Some(kinds) if !kinds.is_empty() => kinds.iter().any(|kind| {
                let wanted = self.here(kind);
                let [_, partition, service, region, account, resource] = &pattern.fields(6)[..] else {
                    return pattern.overlaps(&joined(&wanted));
                };
                [(partition, 1), (service, 2), (region, 3), (account, 4), (resource, 5)]
                    .iter()
                    .all(|(field, at)| field.overlaps(&wanted[*at]))
            }),
            Some(_) => pattern.is_everything(),
            None => true,
        }
    }

    /// The ARN of all of the kind that the account has, in six fields.
    fn here(&self, kind: &Kind) -> Vec<Cow<'static, Pattern>> {
        let known = |at| match at {
            1 => self.context.partition.as_deref(),
            4 => self.context.account.as_deref(),
            _ => None,
        };
        let fields = kind.arn.iter().enumerate();
        let here = fields.map(|(at, field)| match known(at) {
            Some(name) if field.is_everything() => Cow::Owned(Pattern::plain(name, false)),
            _ if at == 3 && field.is_everything() => Cow::Borrowed(&*EVERY_REGION),
            _ => Cow::Borrowed(field),
        });
        here.collect()
    }

    /// Whether the pattern means all of the kind: `*`, `arn:aws:kms:*:*:key/*`, `arn:aws:iam::1…2:role/*`.
    fn is_whole(&self, pattern: &Pattern, kind: &Kind) -> bool {
        if pattern.is_everything() {
            return true;
        }
        let wanted = self.here(kind);
        let [_, partition, service, region, account, resource] = &pattern.fields(6)[..] else {
            // `arn:*`, `arn:aws:*`: fewer parts, the rest in a wildcard.
            return pattern.covers(&joined(&wanted))
                || self.context.partition.is_none() && is_short_for_all(pattern, &wanted);
        };
        let all = |field: &Pattern, at: usize| field.covers(&wanted[at]);
        let partition = self.context.partition.is_none() || all(partition, 1);
        let account = all(account, 4) || self.context.account.is_none() && wanted[4].is_everything();
        let region = all(region, 3) || !self.every_region && *wanted[3] == *EVERY_REGION;
        partition && all(service, 2) && region && account && all(resource, 5)
    }

    /// For an action that the table does not know: whether the pattern looks like all of something of its service.
    fn is_whole_somehow(&self, pattern: &Pattern) -> bool {
        if pattern.is_everything() {
            return true;
        }
        let [_, _, service, region, account, resource] = &pattern.fields(6)[..] else {
            return is_short_for_all(pattern, &[]);
        };
        let here = self.context.account.as_ref().is_none_or(|id| account.matches(id) || account.matches(""));
        let everywhere = region.is_everything() || region.text().is_empty() || !self.every_region;
        let all = match self.need {
            Need::All(kind) if !kind.is_empty() => resource.covers(&Pattern::wild(&format!("{kind}*"), false)),
            _ => {
                let rest = resource.text().split_once(['/', ':']).map_or(resource.text(), |(_, rest)| rest);
                resource.is_everything() || rest == "*"
            }
        };
        let fits = service.is_everything() || service.fixed().is_some_and(|service| is_for(self.action, &service));
        fits && here && everywhere && all
    }
}

fn joined(fields: &[Cow<'_, Pattern>]) -> Pattern {
    Pattern::wild(&fields.iter().map(|field| field.text()).collect::<Vec<_>>().join(":"), false)
}

/// `arn:aws:*` and the like: fixed parts that fit, then one wildcard.
fn is_short_for_all(pattern: &Pattern, wanted: &[Cow<'_, Pattern>]) -> bool {
    let fields = pattern.fields(6);
    let plain = fields.iter().enumerate().all(|(at, field)| {
        let fits = |text: String| at < 2 || wanted.get(at).is_none_or(|wanted| wanted.text() == text);
        field.is_everything() || field.fixed().is_some_and(fits)
    });
    plain && fields.last().is_some_and(Pattern::is_everything)
}

/// Whether ARNs of a service are what an action is used on.
pub fn is_for(action: &str, service: &str) -> bool {
    let own = action.split(':').next().unwrap_or_default();
    let kinds = actions::kinds(action).unwrap_or_default();
    own.eq_ignore_ascii_case(service)
        || kinds.iter().any(|kind| kind.arn.get(2).is_some_and(|field| field.text() == service))
}
