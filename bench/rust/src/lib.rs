// SPDX-License-Identifier: MIT
//! The Rust contenders, as one static library. The loops are here, so that the crates are inlined into them.
//! A crate that the machine does not have is no feature of this build; see ../build.py.

mod atomic;
mod cell;
mod harness;
#[cfg(feature = "hashbrown")]
mod map;
mod mutex;
mod once;
mod record;
mod refcell;
mod rwlock;
mod token;

#[no_mangle]
pub extern "C" fn bench_rust_enter() {
    cell::enter_all();
    refcell::enter_all();
    token::enter_all();
    atomic::enter_all();
    record::enter_all();
    #[cfg(feature = "hashbrown")]
    map::enter_all();
    mutex::enter_all();
    once::enter_all();
    rwlock::enter_all();
}
