// SPDX-License-Identifier: MIT
//! Maps: the loops of rows/map_rows.h in Rust, over a trait instead of an adapter.

use crate::harness::*;
use std::ffi::c_void;
use std::hash::{BuildHasherDefault, Hasher};

const MIX_PERIOD: u64 = 20;
const GROWTH: u64 = 2000;

#[derive(Default)]
pub struct MixHasher(u64);

impl Hasher for MixHasher {
    #[inline(always)]
    fn write_u64(&mut self, key: u64) {
        self.0 = mix(key);
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!()
    }
    #[inline(always)]
    fn finish(&self) -> u64 {
        self.0
    }
}

type Mix = BuildHasherDefault<MixHasher>;

/// See the adapter in rows/map_rows.h.
trait Map: Sized + 'static {
    const NAME: &'static str;
    fn open(entries: u64) -> Self;
    fn get(&self, key: u64) -> Option<u64>;
    fn insert(&self, key: u64, value: u64);
    fn update(&self, key: u64, value: u64);
    fn remove(&self, key: u64);
}

#[inline(always)]
fn each<M: Map>(run: &Run, keys: &[u64], operation: impl Fn(&M, u64, u64) -> u64) {
    let map: &M = run.subject();
    let mut at = keys.len() / run.threads as usize * run.thread as usize;
    let mut sum = 0;
    for i in 0..run.iterations {
        sum ^= operation(map, keys[at], i);
        at = if at + 1 == keys.len() { 0 } else { at + 1 };
    }
    keep(sum);
}

#[inline(always)]
fn look_up<M: Map>(map: &M, key: u64, _: u64) -> u64 {
    map.get(key).unwrap_or(0)
}

#[inline(always)]
fn look_up_or_update<M: Map>(map: &M, key: u64, i: u64, period: u64) -> u64 {
    if i % period != period - 1 {
        return look_up(map, key, i);
    }
    map.update(key, i);
    0
}

extern "C" fn hit<M: Map>(run: &Run) {
    each::<M>(run, run.keys().walk(), look_up);
}

extern "C" fn miss<M: Map>(run: &Run) {
    each::<M>(run, run.keys().miss(), look_up);
}

extern "C" fn update5<M: Map>(run: &Run) {
    each::<M>(run, run.keys().walk(), |map, key, i| look_up_or_update(map, key, i, 20));
}

extern "C" fn update50<M: Map>(run: &Run) {
    each::<M>(run, run.keys().walk(), |map, key, i| look_up_or_update(map, key, i, 2));
}

extern "C" fn turnover<M: Map>(run: &Run) {
    each::<M>(run, run.keys().walk(), |map, key, i| {
        let phase = i % MIX_PERIOD;
        if phase == MIX_PERIOD / 2 - 1 {
            map.insert(run.fresh_key(i / MIX_PERIOD), i);
        } else if phase == MIX_PERIOD - 1 {
            map.remove(run.fresh_key(i / MIX_PERIOD));
        } else {
            return look_up(map, key, i);
        }
        0
    });
}

extern "C" fn dependent<M: Map>(run: &Run) {
    let map: &M = run.subject();
    let mut key = run.keys().walk()[0];
    for _ in 0..run.iterations {
        key = map.get(key).unwrap();
    }
    keep(key);
}

fn insert_range<M: Map>(map: &M, keys: &Keys, first: u64, count: u64) {
    for i in first..first + count {
        map.insert(keys.key(i), keys.next(i));
    }
}

extern "C" fn fill<M: Map>(run: &Run) {
    let first = run.keys().entries / run.threads as u64 * run.thread as u64;
    insert_range::<M>(run.subject(), run.keys(), first, run.iterations);
}

extern "C" fn remove_and_insert<M: Map>(run: &Run) -> u64 {
    let map: &M = run.subject();
    let keys = run.keys();
    let mut i = 0;
    while run.is_running() {
        map.remove(keys.key(i % keys.entries));
        map.insert(keys.key(i % keys.entries), keys.next(i % keys.entries));
        i += 1;
    }
    2 * i
}

/// Measured in the setup, which runs unpinned and untimed.
extern "C" fn fill_and_weigh<M: Map>(run: &Run) -> *mut c_void {
    let before = resident_bytes();
    let map = M::open(0);
    insert_range(&map, run.keys(), 0, run.keys().entries);
    let after = resident_bytes();
    run.metric("bytes_per_entry\0", (after - before) as f64 / run.keys().entries as f64);
    boxed(map)
}

extern "C" fn weighed(_: &Run) {}

fn grow_by_inserting<M: Map>(run: &Run) {
    let map: &M = run.subject();
    for i in run.progress()..run.keys().entries {
        let began = ticks();
        map.insert(run.keys().key(i), run.keys().next(i));
        run.record(Series::Insert, ticks() - began);
        run.progress_set(i + 1);
    }
    run.finish();
}

fn read_while_growing<M: Map>(run: &Run) {
    let map: &M = run.subject();
    let mut random = run.thread as u64;
    while run.is_running() {
        random = mix(random + 1);
        let key = run.keys().key(random % run.progress());
        let began = ticks();
        let found = map.get(key);
        run.record(Series::Read, ticks() - began);
        keep(found.unwrap());
    }
}

extern "C" fn grow<M: Map>(run: &Run) {
    if run.thread == 0 {
        grow_by_inserting::<M>(run)
    } else {
        read_while_growing::<M>(run)
    }
}

extern "C" fn open_empty<M: Map>(_: &Run) -> *mut c_void {
    boxed(M::open(0))
}

/// As in a program that fills its map once: no memory is left of the repetition before.
extern "C" fn open_empty_fresh<M: Map>(run: &Run) -> *mut c_void {
    give_back();
    open_empty::<M>(run)
}

extern "C" fn open_filled<M: Map>(run: &Run) -> *mut c_void {
    let map = M::open(run.keys().entries);
    insert_range(&map, run.keys(), 0, run.keys().entries);
    boxed(map)
}

extern "C" fn open_small<M: Map>(run: &Run) -> *mut c_void {
    let map = M::open(0);
    let entries = run.keys().entries / GROWTH + 1;
    insert_range(&map, run.keys(), 0, entries);
    run.progress_set(entries);
    boxed(map)
}

fn enter_map<M: Map>(rows: &[(&str, Loop)], setup: Setup) {
    let extras = Extras { setup: Some(setup), teardown: Some(unbox::<M>), ..Default::default() };
    for (row, run) in rows {
        enter(&format!("map/{row}"), M::NAME, *run, extras);
    }
}

/// Rows that one thread can do, or several that only read.
fn enter_unshared<M: Map>() {
    enter_map::<M>(
        &[
            ("hit/1k", hit::<M>),
            ("miss/1k", miss::<M>),
            ("hit/1k/4t", hit::<M>),
            ("hit/1M", hit::<M>),
            ("hit/1M/4t", hit::<M>),
            ("many/1M", hit::<M>),
            ("dependent/1M", dependent::<M>),
            ("miss/1M/4t", miss::<M>),
            ("hit/10M", hit::<M>),
            ("miss/10M", miss::<M>),
        ],
        open_filled::<M>,
    );
    enter_map::<M>(&[("fill/1M", fill::<M>), ("fill/10M", fill::<M>)], open_empty::<M>);
    enter_map::<M>(&[("fill/1M/fresh", fill::<M>)], open_empty_fresh::<M>);
    enter_map::<M>(&[("bytes/1M", weighed)], fill_and_weigh::<M>);
}

/// The others.
fn enter_shared<M: Map + Sync>() {
    enter_unshared::<M>();
    enter_map::<M>(
        &[("update5/1M/4t", update5::<M>), ("update50/1M/4t", update50::<M>), ("turnover/1M/4t", turnover::<M>)],
        open_filled::<M>,
    );
    enter_map::<M>(&[("fill/1M/4t", fill::<M>)], open_empty::<M>);
    enter_map::<M>(&[("grow/2M", grow::<M>)], open_small::<M>);
    let churn =
        Extras { setup: Some(open_filled::<M>), teardown: Some(unbox::<M>), background: Some(remove_and_insert::<M>) };
    enter("map/churn/1k/3r1w", M::NAME, hit::<M>, churn);
}

mod brown {
    use super::{Map, Mix};
    use hashbrown::HashMap;
    use std::cell::UnsafeCell;

    /// No protection at all: written by one thread, or read by several. The limit of what a shared map can reach.
    pub struct Unshared(UnsafeCell<HashMap<u64, u64, Mix>>);

    impl Unshared {
        #[inline(always)]
        #[allow(clippy::mut_from_ref)]
        fn alone(&self) -> &mut HashMap<u64, u64, Mix> {
            unsafe { &mut *self.0.get() }
        }
    }

    impl Map for Unshared {
        const NAME: &'static str = "hashbrown, no lock";
        fn open(entries: u64) -> Self {
            Self(UnsafeCell::new(HashMap::with_capacity_and_hasher(entries as usize, Mix::default())))
        }
        #[inline(always)]
        fn get(&self, key: u64) -> Option<u64> {
            unsafe { &*self.0.get() }.get(&key).copied()
        }
        #[inline(always)]
        fn insert(&self, key: u64, value: u64) {
            self.alone().insert(key, value);
        }
        #[inline(always)]
        fn update(&self, key: u64, value: u64) {
            self.alone().insert(key, value);
        }
        #[inline(always)]
        fn remove(&self, key: u64) {
            self.alone().remove(&key);
        }
    }

    type Table = HashMap<u64, u64, Mix>;
    pub type Std = std::sync::RwLock<Table>;
    #[cfg(feature = "parking_lot")]
    pub type ParkingLot = parking_lot::RwLock<Table>;
    #[cfg(feature = "spin")]
    pub type Spin = spin::RwLock<Table>;

    /// hashbrown behind a read-write lock; std's gives its guard wrapped, for threads that panic.
    macro_rules! locked {
        ($lock:ident, $name:literal $(, $unwrap:ident)?) => {
            impl Map for $lock {
                const NAME: &'static str = $name;
                fn open(entries: u64) -> Self {
                    Self::new(Table::with_capacity_and_hasher(entries as usize, Mix::default()))
                }
                #[inline(always)]
                fn get(&self, key: u64) -> Option<u64> {
                    self.read()$(.$unwrap())?.get(&key).copied()
                }
                #[inline(always)]
                fn insert(&self, key: u64, value: u64) {
                    self.write()$(.$unwrap())?.insert(key, value);
                }
                #[inline(always)]
                fn update(&self, key: u64, value: u64) {
                    if let Some(entry) = self.write()$(.$unwrap())?.get_mut(&key) {
                        *entry = value;
                    }
                }
                #[inline(always)]
                fn remove(&self, key: u64) {
                    self.write()$(.$unwrap())?.remove(&key);
                }
            }
        };
    }

    locked!(Std, "RwLock<hashbrown>", unwrap);
    #[cfg(feature = "parking_lot")]
    locked!(ParkingLot, "parking_lot RwLock<hashbrown>");
    #[cfg(feature = "spin")]
    locked!(Spin, "spin RwLock<hashbrown>");
}

#[cfg(feature = "dashmap")]
impl Map for dashmap::DashMap<u64, u64, Mix> {
    const NAME: &'static str = "dashmap";
    fn open(entries: u64) -> Self {
        Self::with_capacity_and_hasher(entries as usize, Mix::default())
    }
    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key).map(|entry| *entry)
    }
    #[inline(always)]
    fn insert(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
    #[inline(always)]
    fn update(&self, key: u64, value: u64) {
        if let Some(mut entry) = self.get_mut(&key) {
            *entry = value;
        }
    }
    #[inline(always)]
    fn remove(&self, key: u64) {
        self.remove(&key);
    }
}

pub fn enter_all() {
    enter_unshared::<brown::Unshared>();
    enter_shared::<brown::Std>();
    #[cfg(feature = "parking_lot")]
    enter_shared::<brown::ParkingLot>();
    #[cfg(feature = "spin")]
    enter_shared::<brown::Spin>();
    #[cfg(feature = "dashmap")]
    enter_shared::<dashmap::DashMap<u64, u64, Mix>>();
}
