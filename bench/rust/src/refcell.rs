// SPDX-License-Identifier: MIT
//! std::cell::RefCell.

use crate::harness::*;
use std::cell::RefCell;
use std::ffi::c_void;

const NAME: &str = "Rust RefCell";

extern "C" fn new(_: &Run) -> *mut c_void {
    boxed(RefCell::new(0u64))
}

extern "C" fn borrow(run: &Run) {
    let cell: &RefCell<u64> = run.subject();
    for _ in 0..run.iterations {
        let value = cell.borrow();
        keep(*value);
        drop(value);
        keep(0);
    }
}

extern "C" fn borrow_mut(run: &Run) {
    let cell: &RefCell<u64> = run.subject();
    for i in 0..run.iterations {
        let mut value = cell.borrow_mut();
        *value = value.wrapping_add(i);
        keep(*value);
        drop(value);
        keep(0);
    }
}

extern "C" fn bytes(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<RefCell<u64>>() as f64);
}

pub fn enter_all() {
    let extras = Extras { setup: Some(new), teardown: Some(unbox::<RefCell<u64>>), ..Default::default() };
    enter("refcell/borrow/8B", NAME, borrow, extras);
    enter("refcell/borrow_mut/8B", NAME, borrow_mut, extras);
    enter("refcell/bytes/8B", NAME, bytes, Extras::default());
}
