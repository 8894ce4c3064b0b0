// SPDX-License-Identifier: MIT
//! Read-write locks around one word.

use crate::harness::*;
use std::ffi::c_void;

/// As in rwlock.h.
const WRITE_EVERY: u64 = 20;

/// One contender.
trait Lock: Sync + Sized + 'static {
    const NAME: &'static str;
    const ROWS: &'static str;
    fn new() -> Self;
    fn read(&self);
    fn add(&self, value: u64);
}

/// Lines of its own keep each object alone, as in value_loop.h.
#[repr(align(64))]
struct Lines<L>(L);

extern "C" fn new<L: Lock>(_: &Run) -> *mut c_void {
    boxed(Lines(L::new()))
}

fn object<L: Lock>(run: &Run) -> &L {
    &run.subject::<Lines<L>>().0
}

extern "C" fn read<L: Lock>(run: &Run) {
    let lock: &L = object(run);
    for _ in 0..run.iterations {
        lock.read();
    }
}

extern "C" fn write<L: Lock>(run: &Run) {
    let lock: &L = object(run);
    for i in 0..run.iterations {
        lock.add(i);
    }
}

extern "C" fn mix<L: Lock>(run: &Run) {
    let lock: &L = object(run);
    let mut until_write = 1 + u64::from(run.thread) * WRITE_EVERY / 4;
    for i in 0..run.iterations {
        until_write -= 1;
        if until_write == 0 {
            until_write = WRITE_EVERY;
            lock.add(i);
        } else {
            lock.read();
        }
    }
}

extern "C" fn writer<L: Lock>(run: &Run) -> u64 {
    let lock: &L = object(run);
    let mut done = 0;
    while run.is_running() {
        lock.add(done);
        done += 1;
        for _ in 0..100 {
            keep(done);
        }
    }
    done
}

extern "C" fn bytes<L: Lock>(run: &Run) {
    run.metric("bytes\0", (std::mem::size_of::<L>() - std::mem::size_of::<u64>()) as f64);
}

fn enter_lock<L: Lock>() {
    let extras = Extras { setup: Some(new::<L>), teardown: Some(unbox::<Lines<L>>), ..Default::default() };
    let loops: [(&str, Loop); 4] =
        [("read", read::<L>), ("write", write::<L>), ("read/4t", read::<L>), ("mix5/4t", mix::<L>)];
    for (row, run) in loops {
        enter(&format!("{}/{row}", L::ROWS), L::NAME, run, extras);
    }
    enter("rwlock/writer/3r1w", L::NAME, read::<L>, Extras { background: Some(writer::<L>), ..extras });
    if L::ROWS == "rwlock" {
        enter("rwlock/bytes", L::NAME, bytes::<L>, Extras::default());
    }
}

macro_rules! lock {
    ($name:literal, $rows:literal, $lock:ty $(, $unwrap:ident)?) => {
        impl Lock for $lock {
            const NAME: &'static str = $name;
            const ROWS: &'static str = $rows;
            fn new() -> Self {
                Self::new(0)
            }
            #[inline(always)]
            fn read(&self) {
                keep(*Self::read(self)$(.$unwrap())?)
            }
            #[inline(always)]
            fn add(&self, value: u64) {
                let mut inside = Self::write(self)$(.$unwrap())?;
                *inside = inside.wrapping_add(value)
            }
        }
    };
}

lock!("Rust std RwLock", "rwlock", std::sync::RwLock<u64>, unwrap);
#[cfg(feature = "parking_lot")]
lock!("parking_lot RwLock", "rwlock", parking_lot::RwLock<u64>);
#[cfg(feature = "crossbeam-utils")]
lock!("crossbeam ShardedLock", "rwlock/scalable", crossbeam_utils::sync::ShardedLock<u64>, unwrap);

pub fn enter_all() {
    enter_lock::<std::sync::RwLock<u64>>();
    #[cfg(feature = "parking_lot")]
    enter_lock::<parking_lot::RwLock<u64>>();
    #[cfg(feature = "crossbeam-utils")]
    enter_lock::<crossbeam_utils::sync::ShardedLock<u64>>();
}
