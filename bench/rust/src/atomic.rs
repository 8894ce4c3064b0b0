// SPDX-License-Identifier: MIT
//! Atomics of 1 to 8 bytes. Loads acquire, stores release, read-modify-writes do both.

use crate::harness::*;
use std::ffi::c_void;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

const PACE_NS: f64 = 1000.0;

/// One contender at one size.
trait Atomic: Sync + Sized + 'static {
    const NAME: &'static str;
    const SIZE: &'static str;
    fn zeroed() -> Self;
    fn load(&self) -> u64;
    fn store(&self, value: u64);
    fn exchange(&self, value: u64) -> u64;
    fn fetch_add(&self, value: u64) -> u64;
    fn compare_exchange(&self, expected: u64, desired: u64);
}

/// Lines of its own keep each object alone, as in value_loop.h.
#[repr(align(64))]
struct Lines<A>(A);

extern "C" fn new<A: Atomic>(_: &Run) -> *mut c_void {
    boxed(Lines(A::zeroed()))
}

fn object<A: Atomic>(run: &Run) -> &A {
    &run.subject::<Lines<A>>().0
}

extern "C" fn load<A: Atomic>(run: &Run) {
    let object: &A = object(run);
    for _ in 0..run.iterations {
        keep(object.load());
    }
}

extern "C" fn store<A: Atomic>(run: &Run) {
    let object: &A = object(run);
    let mut value = 0;
    for _ in 0..run.iterations {
        object.store(value);
        value = opaque(value);
    }
}

extern "C" fn exchange<A: Atomic>(run: &Run) {
    let object: &A = object(run);
    let mut value = 0;
    for _ in 0..run.iterations {
        value = opaque(object.exchange(value));
    }
}

extern "C" fn fetch_add<A: Atomic>(run: &Run) {
    let object: &A = object(run);
    for _ in 0..run.iterations {
        keep(object.fetch_add(1));
    }
}

/// Succeeds each time: the object counts along with i.
extern "C" fn compare_exchange<A: Atomic>(run: &Run) {
    let object: &A = object(run);
    for i in 0..run.iterations {
        object.compare_exchange(i, i.wrapping_add(1));
    }
}

extern "C" fn paced_store<A: Atomic>(run: &Run) -> u64 {
    let object: &A = object(run);
    paced(run, PACE_NS, |i| object.store(i))
}

extern "C" fn bytes<A: Atomic>(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<A>() as f64);
}

fn enter_size<A: Atomic>() {
    let extras = Extras { setup: Some(new::<A>), teardown: Some(unbox::<Lines<A>>), ..Default::default() };
    let loops: [(&str, Loop); 5] = [
        ("load", load::<A>),
        ("store", store::<A>),
        ("exchange", exchange::<A>),
        ("fetch_add", fetch_add::<A>),
        ("compare_exchange", compare_exchange::<A>),
    ];
    for (operation, run) in loops {
        enter(&format!("atomic/{operation}/{}", A::SIZE), A::NAME, run, extras);
    }
    enter(&format!("atomic/bytes/{}", A::SIZE), A::NAME, bytes::<A>, Extras::default());
    if A::SIZE == "8B" {
        let paced = Extras { background: Some(paced_store::<A>), ..extras };
        enter("atomic/load/8B/3r1w", A::NAME, load::<A>, paced);
        enter("atomic/fetch_add/8B/4t", A::NAME, fetch_add::<A>, extras);
    }
}

/// Types with the methods and orders of std's atomics.
macro_rules! ordered {
    ($name:literal, $object:ty, $word:ty, $size:literal) => {
        impl Atomic for $object {
            const NAME: &'static str = $name;
            const SIZE: &'static str = $size;
            fn zeroed() -> Self {
                Self::new(0)
            }
            #[inline(always)]
            fn load(&self) -> u64 {
                Self::load(self, Acquire) as u64
            }
            #[inline(always)]
            fn store(&self, value: u64) {
                Self::store(self, value as $word, Release)
            }
            #[inline(always)]
            fn exchange(&self, value: u64) -> u64 {
                Self::swap(self, value as $word, AcqRel) as u64
            }
            #[inline(always)]
            fn fetch_add(&self, value: u64) -> u64 {
                Self::fetch_add(self, value as $word, AcqRel) as u64
            }
            #[inline(always)]
            fn compare_exchange(&self, expected: u64, desired: u64) {
                let _ = Self::compare_exchange(self, expected as $word, desired as $word, AcqRel, Acquire);
            }
        }
    };
}

/// crossbeam's cell, which chooses the orders itself: the same ones.
#[cfg(feature = "crossbeam-utils")]
macro_rules! crossbeam {
    ($word:ty, $size:literal) => {
        impl Atomic for crossbeam_utils::atomic::AtomicCell<$word> {
            const NAME: &'static str = "crossbeam AtomicCell";
            const SIZE: &'static str = $size;
            fn zeroed() -> Self {
                Self::new(0)
            }
            #[inline(always)]
            fn load(&self) -> u64 {
                Self::load(self) as u64
            }
            #[inline(always)]
            fn store(&self, value: u64) {
                Self::store(self, value as $word)
            }
            #[inline(always)]
            fn exchange(&self, value: u64) -> u64 {
                Self::swap(self, value as $word) as u64
            }
            #[inline(always)]
            fn fetch_add(&self, value: u64) -> u64 {
                Self::fetch_add(self, value as $word) as u64
            }
            #[inline(always)]
            fn compare_exchange(&self, expected: u64, desired: u64) {
                let _ = Self::compare_exchange(self, expected as $word, desired as $word);
            }
        }
    };
}

macro_rules! each_size {
    ($implement:ident $(, $name:literal, $one:ty, $two:ty, $four:ty, $eight:ty)?) => {
        $implement!($($name, $one,)? u8, "1B");
        $implement!($($name, $two,)? u16, "2B");
        $implement!($($name, $four,)? u32, "4B");
        $implement!($($name, $eight,)? u64, "8B");
    };
}

use std::sync::atomic as std_atomic;

each_size!(
    ordered,
    "Rust std atomics",
    std_atomic::AtomicU8,
    std_atomic::AtomicU16,
    std_atomic::AtomicU32,
    std_atomic::AtomicU64
);
#[cfg(feature = "portable-atomic")]
each_size!(
    ordered,
    "portable-atomic",
    portable_atomic::AtomicU8,
    portable_atomic::AtomicU16,
    portable_atomic::AtomicU32,
    portable_atomic::AtomicU64
);
#[cfg(feature = "atomic")]
each_size!(ordered, "crate atomic", atomic::Atomic<u8>, atomic::Atomic<u16>, atomic::Atomic<u32>, atomic::Atomic<u64>);
#[cfg(feature = "crossbeam-utils")]
each_size!(crossbeam);

fn enter_sizes<One: Atomic, Two: Atomic, Four: Atomic, Eight: Atomic>() {
    enter_size::<One>();
    enter_size::<Two>();
    enter_size::<Four>();
    enter_size::<Eight>();
}

pub fn enter_all() {
    enter_sizes::<std_atomic::AtomicU8, std_atomic::AtomicU16, std_atomic::AtomicU32, std_atomic::AtomicU64>();
    #[cfg(feature = "portable-atomic")]
    {
        use portable_atomic::*;
        enter_sizes::<AtomicU8, AtomicU16, AtomicU32, AtomicU64>();
    }
    #[cfg(feature = "atomic")]
    {
        use atomic::Atomic;
        enter_sizes::<Atomic<u8>, Atomic<u16>, Atomic<u32>, Atomic<u64>>();
    }
    #[cfg(feature = "crossbeam-utils")]
    {
        use crossbeam_utils::atomic::AtomicCell;
        enter_sizes::<AtomicCell<u8>, AtomicCell<u16>, AtomicCell<u32>, AtomicCell<u64>>();
    }
}
