// SPDX-License-Identifier: MIT
//! The mirror of harness/bench.h; what each thing means is said there.

use std::arch::asm;
use std::ffi::c_void;
use std::os::raw::c_char;
use std::ptr::null_mut;

#[repr(C)]
pub struct Keys {
    pub entries: u64,
    pub steps: u64,
    key: *const u64,
    next: *const u64,
    walk: *const u64,
    miss: *const u64,
}

impl Keys {
    pub fn key(&self, i: u64) -> u64 {
        unsafe { *self.key.add(i as usize) }
    }

    pub fn next(&self, i: u64) -> u64 {
        unsafe { *self.next.add(i as usize) }
    }

    pub fn walk(&self) -> &[u64] {
        unsafe { std::slice::from_raw_parts(self.walk, self.steps as usize) }
    }

    pub fn miss(&self) -> &[u64] {
        unsafe { std::slice::from_raw_parts(self.miss, self.steps as usize) }
    }
}

#[repr(C)]
pub struct Run {
    pub iterations: u64,
    pub thread: u32,
    pub threads: u32,
    subject: *mut c_void,
    keys: *const Keys,
    shared: *mut c_void,
}

pub type Loop = extern "C" fn(&Run);
pub type Setup = extern "C" fn(&Run) -> *mut c_void;
pub type Teardown = extern "C" fn(*mut c_void);
pub type Background = extern "C" fn(&Run) -> u64;

#[repr(C)]
struct Contender {
    row: *const c_char,
    name: *const c_char,
    run: Loop,
    setup: Option<Setup>,
    teardown: Option<Teardown>,
    background: Option<Background>,
    following: *mut Contender,
}

#[repr(C)]
pub enum Series {
    Read,
    Insert,
}

extern "C" {
    fn bench_add(contender: *mut Contender);
    fn bench_is_running(run: &Run) -> bool;
    fn bench_finish(run: &Run);
    fn bench_progress_set(run: &Run, entries: u64);
    fn bench_progress(run: &Run) -> u64;
    fn bench_fresh_key(run: &Run, index: u64) -> u64;
    fn bench_ticks() -> u64;
    fn bench_ns_per_tick() -> f64;
    fn bench_pace(next: *mut u64, ticks_apart: u64);
    fn bench_record(run: &Run, series: Series, ticks: u64);
    fn bench_metric(run: &Run, name: *const c_char, value: f64);
    fn bench_give_back();
    fn bench_resident_bytes() -> u64;
    fn bench_other_work();
    fn bench_share(run: &Run, turns: u64);
}

impl Run {
    pub fn subject<T>(&self) -> &T {
        unsafe { &*(self.subject as *const T) }
    }

    pub fn keys(&self) -> &Keys {
        unsafe { &*self.keys }
    }

    pub fn is_running(&self) -> bool {
        unsafe { bench_is_running(self) }
    }

    pub fn finish(&self) {
        unsafe { bench_finish(self) }
    }

    pub fn progress_set(&self, entries: u64) {
        unsafe { bench_progress_set(self, entries) }
    }

    pub fn progress(&self) -> u64 {
        unsafe { bench_progress(self) }
    }

    pub fn fresh_key(&self, index: u64) -> u64 {
        unsafe { bench_fresh_key(self, index) }
    }

    pub fn record(&self, series: Series, ticks: u64) {
        unsafe { bench_record(self, series, ticks) }
    }

    pub fn share(&self, turns: u64) {
        unsafe { bench_share(self, turns) }
    }

    /// `name` ends in a zero byte.
    pub fn metric(&self, name: &'static str, value: f64) {
        unsafe { bench_metric(self, c_string(name), value) }
    }
}

pub fn ticks() -> u64 {
    unsafe { bench_ticks() }
}

pub fn other_work() {
    unsafe { bench_other_work() }
}

pub fn give_back() {
    unsafe { bench_give_back() }
}

pub fn resident_bytes() -> u64 {
    unsafe { bench_resident_bytes() }
}

/// Calls `step` with 0, 1, … every so many nanoseconds until the measurement ends.
pub fn paced(run: &Run, ns_apart: f64, mut step: impl FnMut(u64)) -> u64 {
    let ticks_apart = (ns_apart / unsafe { bench_ns_per_tick() }) as u64;
    let (mut next, mut done) = (0, 0);
    while run.is_running() {
        step(done);
        done += 1;
        unsafe { bench_pace(&mut next, ticks_apart) };
    }
    done
}

/// The one hash of all maps, as bench_mix().
#[inline(always)]
pub fn mix(mut key: u64) -> u64 {
    key ^= key >> 33;
    key = key.wrapping_mul(0xff51_afd7_ed55_8ccd);
    key ^= key >> 33;
    key = key.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    key ^ (key >> 33)
}

/// The value is needed, and anything in memory may have changed: at no cost.
#[inline(always)]
pub fn keep(value: u64) {
    unsafe { asm!("/* {0} */", in(reg) value, options(nostack, preserves_flags)) }
}

/// The same for an object in memory.
#[inline(always)]
pub fn keep_object<T>(object: &mut T) {
    unsafe { asm!("/* {0} */", in(reg) object as *mut T, options(nostack, preserves_flags)) }
}

/// The value as something that the compiler knows nothing of.
#[inline(always)]
pub fn opaque(mut value: u64) -> u64 {
    unsafe { asm!("/* {0} */", inout(reg) value, options(nostack, preserves_flags)) }
    value
}

fn c_string(text: &'static str) -> *const c_char {
    assert!(text.ends_with('\0'));
    text.as_ptr() as *const c_char
}

fn leak(text: String) -> &'static str {
    Box::leak((text + "\0").into_boxed_str())
}

/// What a contender has besides its loop.
#[derive(Default, Clone, Copy)]
pub struct Extras {
    pub setup: Option<Setup>,
    pub teardown: Option<Teardown>,
    pub background: Option<Background>,
}

/// Enters a contender in a row.
pub fn enter(row: &str, name: &str, run: Loop, extras: Extras) {
    let contender = Contender {
        row: c_string(leak(row.to_string())),
        name: c_string(leak(name.to_string())),
        run,
        setup: extras.setup,
        teardown: extras.teardown,
        background: extras.background,
        following: null_mut(),
    };
    unsafe { bench_add(Box::into_raw(Box::new(contender))) }
}

/// Boxed subjects, for `Extras`.
pub fn boxed<T>(subject: T) -> *mut c_void {
    Box::into_raw(Box::new(subject)) as *mut c_void
}

pub extern "C" fn unbox<T>(subject: *mut c_void) {
    drop(unsafe { Box::from_raw(subject as *mut T) })
}
