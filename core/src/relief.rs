//! Whom to evict: the members without whom the most would become stable.
//!
//! What is stable once all others have acknowledged everything that they are known to have seen is
//! the meet of their versions; evicting a member takes it out of that meet. Which few members to take
//! out for the largest meet is a question of choosing sets; here it is answered greedily, one member
//! after the other.

use crate::id::ReplicaId;
use crate::membership::{Membership, Standing};
use crate::version::VersionVector;

/// How many steps are told.
const MAX_STEPS: usize = 8;

/// How many members are thought away at most: bounds the work among thousands that are behind.
const MAX_EVICTED: usize = 64;

/// Members, and the cut that is stable without them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) evicted: Vec<ReplicaId>,
    pub(crate) cut: VersionVector,
    /// Those behind that stay, and do not know the cut to be stable.
    pub(crate) waits_for: Vec<ReplicaId>,
}

/// A member that is behind: its name, and how much it has seen of each author.
struct Laggard {
    member: ReplicaId,
    seen: Vec<u64>,
    behind: u64,
}

/// The members to evict one after the other, first the one without whom the most operations become
/// stable; only the steps in which some do. Where none would by the next eviction alone, as several
/// members are behind in the same, the one goes first that is farthest behind.
///
/// Given is besides what is stable without any eviction but those that are under way.
///
/// O(members behind x authors) for each member that is thought away.
pub(crate) fn steps(
    membership: &Membership,
    me: ReplicaId,
    version: &VersionVector,
) -> (VersionVector, Vec<Step>) {
    let authors: Vec<(ReplicaId, u64)> = version.iter().collect();
    let mut laggards = laggards(membership, me, version, &authors);
    let anyway = cut(&laggards, &authors);
    let (mut steps, mut evicted, mut freed) = (Vec::new(), Vec::new(), 0);
    while steps.len() < MAX_STEPS && evicted.len() < MAX_EVICTED && !laggards.is_empty() {
        let gains = gains(&laggards, &authors);
        let rank =
            |place: &usize| (gains[*place], laggards[*place].behind, laggards[*place].member);
        let Some(next) = (0..laggards.len()).max_by_key(rank) else { break };
        freed += gains[next];
        evicted.push(laggards.remove(next).member);
        if std::mem::take(&mut freed) > 0 {
            let cut = cut(&laggards, &authors);
            let knows =
                |member| membership.of(member).is_some_and(|known| known.stable.covers(&cut));
            let behind = laggards.iter().map(|laggard| laggard.member);
            let waits_for = behind.filter(|&member| !knows(member)).collect();
            steps.push(Step { evicted: evicted.clone(), cut, waits_for });
        }
    }
    (anyway, steps)
}

/// What is stable if these are waited for.
fn cut(laggards: &[Laggard], authors: &[(ReplicaId, u64)]) -> VersionVector {
    let least = |(place, &(author, count)): (usize, &(ReplicaId, u64))| {
        let seen = laggards.iter().map(|laggard| laggard.seen[place]);
        (author, seen.fold(count, u64::min))
    };
    authors.iter().enumerate().map(least).collect()
}

fn laggards(
    membership: &Membership,
    me: ReplicaId,
    version: &VersionVector,
    authors: &[(ReplicaId, u64)],
) -> Vec<Laggard> {
    let nothing = VersionVector::new();
    let stays = |member: ReplicaId| membership.standing(member) != Some(Standing::Evicting);
    let others = membership.members().filter(|&member| member != me && stays(member));
    let laggards = others.map(|member| {
        let known = membership.of(member).map_or(&nothing, |known| &known.version);
        let seen = authors.iter().map(|&(author, count)| known.get(author).min(count)).collect();
        Laggard { member, seen, behind: version.ahead_of(known) }
    });
    laggards.filter(|laggard| laggard.behind > 0).collect()
}

/// How many operations become stable without each of them alone.
fn gains(laggards: &[Laggard], authors: &[(ReplicaId, u64)]) -> Vec<u64> {
    let mut gains = vec![0; laggards.len()];
    for (place, &(_, count)) in authors.iter().enumerate() {
        let (mut least, mut next, mut who) = (count, count, None);
        for (laggard, known) in laggards.iter().enumerate() {
            let seen = known.seen[place];
            if seen < least {
                (least, next, who) = (seen, least, Some(laggard));
            } else {
                next = next.min(seen);
            }
        }
        if let Some(who) = who {
            gains[who] += next - least;
        }
    }
    gains
}
