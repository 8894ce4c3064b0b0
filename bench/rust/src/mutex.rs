// SPDX-License-Identifier: MIT
//! The rows of rows/mutex.h in Rust.

use crate::harness::*;

/// What `section` does: add one to the number behind the lock.
trait Number: Default {
    fn section(&self);
}

/// A cache line of its own.
#[derive(Default)]
#[repr(align(64))]
struct Line<M>(M);

impl Number for std::sync::Mutex<u64> {
    #[inline(always)]
    fn section(&self) {
        let mut number = self.lock().unwrap();
        *number += 1;
        keep(*number);
    }
}

#[cfg(feature = "parking_lot")]
impl Number for parking_lot::Mutex<u64> {
    #[inline(always)]
    fn section(&self) {
        let mut number = self.lock();
        *number += 1;
        keep(*number);
    }
}

#[cfg(feature = "parking_lot")]
impl Number for parking_lot::ReentrantMutex<std::cell::Cell<u64>> {
    #[inline(always)]
    fn section(&self) {
        let number = self.lock();
        number.set(number.get() + 1);
        keep(number.get());
    }
}

extern "C" fn new<M: Number>(_: &Run) -> *mut std::ffi::c_void {
    boxed(Line(M::default()))
}

extern "C" fn lock<M: Number>(run: &Run) {
    let Line(mutex) = run.subject::<Line<M>>();
    for _ in 0..run.iterations {
        mutex.section();
    }
}

extern "C" fn lock_and_work<M: Number>(run: &Run) {
    let Line(mutex) = run.subject::<Line<M>>();
    for _ in 0..run.iterations {
        mutex.section();
        other_work();
    }
}

extern "C" fn share<M: Number>(run: &Run) {
    let Line(mutex) = run.subject::<Line<M>>();
    let mut turns = 0;
    while run.is_running() {
        mutex.section();
        turns += 1;
        if turns == run.iterations && run.thread == 0 {
            run.finish();
        }
    }
    run.share(turns);
}

/// The lock with its poison flag, without the number: rounded up to four bytes.
extern "C" fn std_bytes(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<std::sync::Mutex<()>>() as f64);
}

#[cfg(feature = "parking_lot")]
extern "C" fn parking_lot_bytes(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<parking_lot::Mutex<()>>() as f64);
}

fn enter_mutex<M: Number>(name: &str, bytes: Loop) {
    let extras = Extras { setup: Some(new::<M>), teardown: Some(unbox::<Line<M>>), ..Default::default() };
    enter("mutex/lock", name, lock::<M>, extras);
    enter("mutex/lock/4t", name, lock::<M>, extras);
    enter("mutex/lock/4t/50ns", name, lock_and_work::<M>, extras);
    enter("mutex/share/4t", name, share::<M>, extras);
    enter("mutex/bytes", name, bytes, Extras::default());
}

pub fn enter_all() {
    enter_mutex::<std::sync::Mutex<u64>>("Rust std Mutex", std_bytes);
    #[cfg(feature = "parking_lot")]
    {
        type Reentrant = parking_lot::ReentrantMutex<std::cell::Cell<u64>>;
        enter_mutex::<parking_lot::Mutex<u64>>("parking_lot Mutex", parking_lot_bytes);
        let extras =
            Extras { setup: Some(new::<Reentrant>), teardown: Some(unbox::<Line<Reentrant>>), ..Default::default() };
        enter("reentrant/lock", "parking_lot ReentrantMutex", lock::<Reentrant>, extras);
        enter("reentrant/lock/4t", "parking_lot ReentrantMutex", lock::<Reentrant>, extras);
    }
}
