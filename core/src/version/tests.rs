//! Versions against plain maps.

use super::*;
use crate::simulation::Random;

fn version_of(counts: &BTreeMap<ReplicaId, u64>) -> VersionVector {
    counts.iter().map(|(&replica, &count)| (replica, count)).collect()
}

/// Around the number of replicas where the form changes, against maps.
#[test]
fn versions_are_maps_from_replicas_to_counts() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut known: [BTreeMap<ReplicaId, u64>; 2] = Default::default();
        let mut versions: [VersionVector; 2] = Default::default();
        for _ in 0..400 {
            let which = random.below(2);
            let replica = ReplicaId::new(random.below(MANY + 8) as u64);
            let count = random.below(4) as u64;
            versions[which].set(replica, count);
            match count {
                0 => drop(known[which].remove(&replica)),
                _ => drop(known[which].insert(replica, count)),
            }
            assert_eq!(versions[which], version_of(&known[which]), "seed {seed}");
            assert_eq!(versions[which].is_empty(), known[which].is_empty());
            assert_eq!(versions[which].get(replica), count);
        }
        let [a, b] = &versions;
        let count = |which: usize, replica| known[which].get(&replica).copied().unwrap_or(0);
        let replicas = || (0..MANY as u64 + 8).map(ReplicaId::new);
        let pairs = || replicas().map(|at| (at, count(0, at), count(1, at)));
        let all = |of: fn(u64, u64) -> u64| -> VersionVector {
            pairs().map(|(replica, a, b)| (replica, of(a, b))).collect()
        };
        assert_eq!(a.join(b), all(u64::max), "seed {seed}");
        assert_eq!(a.meet(b), all(u64::min), "seed {seed}");
        assert_eq!(a.ahead_of(b), all(u64::saturating_sub).operations(), "seed {seed}");
        assert_eq!(a.covers(b), pairs().all(|(_, a, b)| a >= b), "seed {seed}");
        assert!(a.join(b).covers(a) && b.covers(&a.meet(b)), "seed {seed}");
    }
}

type Plain = BTreeMap<ReplicaId, u64>;

/// A version with what it should be.
#[derive(Clone)]
struct Both {
    version: VersionVector,
    plain: Plain,
}

impl Both {
    fn get(&self, replica: ReplicaId) -> u64 {
        self.plain.get(&replica).copied().unwrap_or(0)
    }

    fn set(&mut self, replica: ReplicaId, count: u64) {
        self.version.set(replica, count);
        match count {
            0 => drop(self.plain.remove(&replica)),
            _ => drop(self.plain.insert(replica, count)),
        }
    }

    fn check(&self, seed: u64) {
        let plain = self.plain.iter().map(|(&replica, &count)| (replica, count));
        assert!(self.version.iter().eq(plain), "seed {seed}");
        assert_eq!(self.version.iter().len(), self.plain.len(), "seed {seed}");
        assert_eq!(self.version.is_empty(), self.plain.is_empty(), "seed {seed}");
        assert_eq!(self.version.operations(), self.plain.values().sum::<u64>(), "seed {seed}");
        let own = |(replica, _)| self.version.baseline().is_some_and(|b| b.contains(replica));
        assert!(!self.version.own().any(own), "seed {seed}: one of the baseline is listed");
    }
}

fn hash_of(version: &VersionVector) -> u64 {
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

/// Versions with baselines that grow, of which some have the last, some one before, some none, and
/// some less than any: each call gives what it gives of plain maps.
#[test]
fn versions_with_baselines_are_what_they_are_without() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let replicas = 1 + random.below(2 * MANY);
        let replica = |at: usize| ReplicaId::new(at as u64 * 7919 % 257);
        let mut order: Vec<(ReplicaId, u64)> =
            (0..replicas).map(|at| (replica(at), random.below(4) as u64)).collect();
        let baselines: Vec<Option<Arc<Baseline>>> = (0..3)
            .map(|_| random.below(replicas + 1))
            .map(|len| Baseline::new(order[..len].to_vec()).map(Arc::new))
            .collect();
        // One that is no beginning of another.
        order.reverse();
        let other = Baseline::new(order[..random.below(replicas + 1)].to_vec()).map(Arc::new);
        let empty = Both { version: VersionVector::new(), plain: Plain::new() };
        let mut all = vec![empty; 4];
        for step in 0..300 {
            let at = random.below(all.len());
            let mut one = all[at].clone();
            match random.below(6) {
                0 | 1 => one.set(replica(random.below(replicas)), random.below(4) as u64),
                2 => order.iter().for_each(|&(replica, count)| one.set(replica, count)),
                3 => {
                    let baseline = random.pick(&baselines).as_ref().or(other.as_ref());
                    baseline.into_iter().for_each(|baseline| one.version.rebase(baseline));
                }
                4 => {
                    let other = &all[random.below(4)];
                    one.version = one.version.join(&other.version);
                    for (&replica, &count) in &other.plain {
                        let known = one.plain.entry(replica).or_insert(0);
                        *known = count.max(*known);
                    }
                }
                _ => {
                    let other = &all[random.below(4)];
                    one.version = one.version.meet(&other.version);
                    one.plain.retain(|&replica, count| {
                        *count = other.get(replica).min(*count);
                        *count > 0
                    });
                }
            }
            one.check(seed);
            let replica = replica(random.below(replicas));
            assert_eq!(one.version.get(replica), one.get(replica), "seed {seed}, step {step}");
            all[at] = one.clone();
            let (a, b) = (&one, &all[random.below(4)]);
            let covers = b.plain.iter().all(|(&replica, &count)| a.get(replica) >= count);
            assert_eq!(a.version.covers(&b.version), covers, "seed {seed}, step {step}");
            assert_eq!(a.version == b.version, a.plain == b.plain, "seed {seed}, step {step}");
            if a.plain == b.plain {
                assert_eq!(hash_of(&a.version), hash_of(&b.version), "seed {seed}, step {step}");
            }
            let ahead: u64 =
                a.plain.iter().map(|(&at, count)| count.saturating_sub(b.get(at))).sum();
            assert_eq!(a.version.ahead_of(&b.version), ahead, "seed {seed}, step {step}");
            let heads: Vec<OpId> = b.plain.iter().map(|(&at, &n)| OpId::new(at, n - 1)).collect();
            assert_eq!(a.version.contains_all(&heads), covers, "seed {seed}, step {step}");
        }
    }
}

#[test]
fn a_version_above_a_baseline_lists_none_of_it() {
    let [a, b] = [1, 2].map(ReplicaId::new);
    let baseline = Arc::new(Baseline::new(vec![(b, 3)]).unwrap());
    let version: VersionVector = [(a, 1)].into_iter().collect();
    let above = version.clone().above(&baseline).unwrap();
    assert_eq!(above, [(a, 1), (b, 3)].into_iter().collect());
    let listed: VersionVector = [(b, 3)].into_iter().collect();
    assert_eq!(listed.above(&baseline), None);
    assert_eq!(Baseline::new(vec![(b, 3), (a, 0), (b, 3)]), None);
}
