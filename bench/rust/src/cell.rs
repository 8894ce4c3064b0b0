// SPDX-License-Identifier: MIT
//! std::cell::Cell.

use crate::harness::*;
use std::cell::Cell;
use std::ffi::c_void;

const NAME: &str = "Rust Cell";

type Record = [u64; 8];

extern "C" fn new<T: Default>(_: &Run) -> *mut c_void {
    boxed(Cell::new(T::default()))
}

extern "C" fn get_word(run: &Run) {
    let cell: &Cell<u64> = run.subject();
    for _ in 0..run.iterations {
        keep(cell.get());
    }
}

extern "C" fn set_word(run: &Run) {
    let cell: &Cell<u64> = run.subject();
    let mut value = 0;
    for _ in 0..run.iterations {
        cell.set(value);
        value = opaque(value);
    }
}

extern "C" fn replace_word(run: &Run) {
    let cell: &Cell<u64> = run.subject();
    let mut value = 0;
    for _ in 0..run.iterations {
        value = opaque(cell.replace(value));
    }
}

extern "C" fn get_record(run: &Run) {
    let cell: &Cell<Record> = run.subject();
    for _ in 0..run.iterations {
        keep_object(&mut cell.get());
    }
}

extern "C" fn set_record(run: &Run) {
    let cell: &Cell<Record> = run.subject();
    let mut value = Record::default();
    for _ in 0..run.iterations {
        cell.set(value);
        keep_object(&mut value);
    }
}

extern "C" fn replace_record(run: &Run) {
    let cell: &Cell<Record> = run.subject();
    let mut value = Record::default();
    for _ in 0..run.iterations {
        value = cell.replace(value);
        keep_object(&mut value);
    }
}

extern "C" fn bytes<T>(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<Cell<T>>() as f64);
}

fn enter_size<T: Default>(size: &str, get: Loop, set: Loop, replace: Loop) {
    let extras = Extras { setup: Some(new::<T>), teardown: Some(unbox::<Cell<T>>), ..Default::default() };
    enter(&format!("cell/get/{size}"), NAME, get, extras);
    enter(&format!("cell/set/{size}"), NAME, set, extras);
    enter(&format!("cell/replace/{size}"), NAME, replace, extras);
    enter(&format!("cell/bytes/{size}"), NAME, bytes::<T>, Extras::default());
}

pub fn enter_all() {
    enter_size::<u64>("8B", get_word, set_word, replace_word);
    enter_size::<Record>("64B", get_record, set_record, replace_record);
}
