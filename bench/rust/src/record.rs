// SPDX-License-Identifier: MIT
//! Atomics of records, 16 bytes and more: rows/record.c has the same loops.

use crate::harness::*;
use std::ffi::c_void;
#[cfg(any(feature = "atomic", feature = "portable-atomic"))]
use std::sync::atomic::Ordering::{Acquire, Release};

const PACE_NS: f64 = 1000.0;

/// One contender at one size; T is the record.
trait Record<T>: Sync + Sized + 'static {
    const NAME: &'static str;
    fn zeroed() -> Self;
    fn load(&self) -> T;
    fn store(&self, value: T);
}

/// Words, so that a loop can count in the first one.
trait Words: Copy + 'static {
    fn of(first: u64) -> Self;
}

impl<const N: usize> Words for [u64; N] {
    #[inline(always)]
    fn of(first: u64) -> Self {
        let mut words = [0; N];
        words[0] = first;
        words
    }
}

/// Lines of its own keep each object alone, as in seqlock.h.
#[repr(align(64))]
struct Lines<A>(A);

extern "C" fn new<T: Words, A: Record<T>>(_: &Run) -> *mut c_void {
    boxed(Lines(A::zeroed()))
}

fn object<T: Words, A: Record<T>>(run: &Run) -> &A {
    &run.subject::<Lines<A>>().0
}

extern "C" fn load<T: Words, A: Record<T>>(run: &Run) {
    let object: &A = object::<T, A>(run);
    for _ in 0..run.iterations {
        let mut value = object.load();
        keep_object(&mut value);
    }
}

extern "C" fn store<T: Words, A: Record<T>>(run: &Run) {
    let object: &A = object::<T, A>(run);
    for i in 0..run.iterations {
        let mut value = T::of(i);
        keep_object(&mut value);
        object.store(value);
    }
}

extern "C" fn paced_store<T: Words, A: Record<T>>(run: &Run) -> u64 {
    let object: &A = object::<T, A>(run);
    paced(run, PACE_NS, |i| object.store(T::of(i)))
}

extern "C" fn unpaced_store<T: Words, A: Record<T>>(run: &Run) -> u64 {
    let object: &A = object::<T, A>(run);
    let mut done = 0;
    while run.is_running() {
        object.store(T::of(done));
        done += 1;
    }
    done
}

fn enter_record<T: Words, A: Record<T>>() {
    let bytes = std::mem::size_of::<T>();
    let extras = Extras { setup: Some(new::<T, A>), teardown: Some(unbox::<Lines<A>>), ..Default::default() };
    let row = |operation: &str, suffix: &str| format!("record/{operation}/{bytes}B{suffix}");
    enter(&row("load", ""), A::NAME, load::<T, A>, extras);
    enter(&row("store", ""), A::NAME, store::<T, A>, extras);
    enter(&row("load", "/4t"), A::NAME, load::<T, A>, extras);
    let paced = Extras { background: Some(paced_store::<T, A>), ..extras };
    enter(&row("load", "/3r1w"), A::NAME, load::<T, A>, paced);
    let unpaced = Extras { background: Some(unpaced_store::<T, A>), ..extras };
    enter(&row("load", "/3r1w/unpaced"), A::NAME, load::<T, A>, unpaced);
}

#[cfg(feature = "crossbeam-utils")]
impl<const N: usize> Record<[u64; N]> for crossbeam_utils::atomic::AtomicCell<[u64; N]> {
    const NAME: &'static str = "crossbeam AtomicCell";
    fn zeroed() -> Self {
        Self::new([0; N])
    }
    #[inline(always)]
    fn load(&self) -> [u64; N] {
        Self::load(self)
    }
    #[inline(always)]
    fn store(&self, value: [u64; N]) {
        Self::store(self, value)
    }
}

#[cfg(feature = "atomic")]
impl<const N: usize> Record<[u64; N]> for atomic::Atomic<[u64; N]> {
    const NAME: &'static str = "crate atomic";
    fn zeroed() -> Self {
        Self::new([0; N])
    }
    #[inline(always)]
    fn load(&self) -> [u64; N] {
        Self::load(self, Acquire)
    }
    #[inline(always)]
    fn store(&self, value: [u64; N]) {
        Self::store(self, value, Release)
    }
}

#[cfg(feature = "portable-atomic")]
impl Record<[u64; 2]> for portable_atomic::AtomicU128 {
    const NAME: &'static str = "portable-atomic";
    fn zeroed() -> Self {
        Self::new(0)
    }
    #[inline(always)]
    fn load(&self) -> [u64; 2] {
        let value = Self::load(self, Acquire);
        [value as u64, (value >> 64) as u64]
    }
    #[inline(always)]
    fn store(&self, value: [u64; 2]) {
        Self::store(self, u128::from(value[0]) | u128::from(value[1]) << 64, Release)
    }
}

pub fn enter_all() {
    #[cfg(feature = "portable-atomic")]
    enter_record::<[u64; 2], portable_atomic::AtomicU128>();
    #[cfg(feature = "crossbeam-utils")]
    {
        use crossbeam_utils::atomic::AtomicCell;
        enter_record::<[u64; 2], AtomicCell<[u64; 2]>>();
        enter_record::<[u64; 3], AtomicCell<[u64; 3]>>();
        enter_record::<[u64; 8], AtomicCell<[u64; 8]>>();
        enter_record::<[u64; 32], AtomicCell<[u64; 32]>>();
    }
    #[cfg(feature = "atomic")]
    {
        use atomic::Atomic;
        enter_record::<[u64; 2], Atomic<[u64; 2]>>();
        enter_record::<[u64; 3], Atomic<[u64; 3]>>();
        enter_record::<[u64; 8], Atomic<[u64; 8]>>();
        enter_record::<[u64; 32], Atomic<[u64; 32]>>();
    }
}
