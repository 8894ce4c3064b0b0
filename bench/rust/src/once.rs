// SPDX-License-Identifier: MIT
//! std::sync::OnceLock and once_cell::sync::OnceCell.

use crate::harness::*;
use std::ffi::c_void;

/// As once_work() in rows/once.h.
fn work(mut value: u64) -> u64 {
    for _ in 0..40 {
        value = mix(value.wrapping_add(1));
    }
    value
}

macro_rules! once {
    ($module:ident, $name:expr, $Once:ty) => {
        mod $module {
            use super::*;

            extern "C" fn new(run: &Run) -> *mut c_void {
                boxed((0..run.iterations).map(|_| <$Once>::new()).collect::<Vec<_>>())
            }

            extern "C" fn new_full(_: &Run) -> *mut c_void {
                let once = <$Once>::new();
                once.set(1).unwrap();
                boxed(once)
            }

            extern "C" fn get(run: &Run) {
                let once: &$Once = run.subject();
                for _ in 0..run.iterations {
                    keep(*once.get().unwrap());
                }
            }

            extern "C" fn get_or_init(run: &Run) {
                let once: &$Once = run.subject();
                for i in 0..run.iterations {
                    keep(*once.get_or_init(|| i));
                }
            }

            extern "C" fn first(run: &Run) {
                let all: &Vec<$Once> = run.subject();
                for (i, once) in all.iter().enumerate() {
                    keep(*once.get_or_init(|| i as u64));
                }
            }

            extern "C" fn storm(run: &Run) {
                let all: &Vec<$Once> = run.subject();
                for (i, once) in all.iter().enumerate() {
                    keep(*once.get_or_init(|| work(i as u64)));
                }
            }

            extern "C" fn bytes(run: &Run) {
                run.metric("bytes\0", std::mem::size_of::<$Once>() as f64);
            }

            pub fn enter_all() {
                let full = Extras { setup: Some(new_full), teardown: Some(unbox::<$Once>), ..Default::default() };
                let empty = Extras { setup: Some(new), teardown: Some(unbox::<Vec<$Once>>), ..Default::default() };
                enter("once/get/8B", $name, get, full);
                enter("once/get_or_init/8B", $name, get_or_init, full);
                enter("once/first/8B", $name, first, empty);
                enter("once/storm/8B/4t", $name, storm, empty);
                enter("once/bytes/8B", $name, bytes, Extras::default());
            }
        }
    };
}

once!(lock, "Rust OnceLock", std::sync::OnceLock<u64>);
#[cfg(feature = "once_cell")]
once!(cell, "once_cell", once_cell::sync::OnceCell<u64>);

pub fn enter_all() {
    lock::enter_all();
    #[cfg(feature = "once_cell")]
    cell::enter_all();
}
