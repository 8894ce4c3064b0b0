// SPDX-License-Identifier: MIT
//! What the crate qcell does, which Debian has no package of, said again: an owner with an id, cells that remember it, a
//! comparison at each access, and for two cells that they are not one.

use crate::harness::*;
use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;

const NAME: &str = "Rust, as qcell";

struct Owner {
    id: u64,
}

struct QCell<T> {
    owner: u64,
    value: UnsafeCell<T>,
}

#[cold]
#[inline(never)]
fn foreign() -> ! {
    panic!("QCell accessed with incorrect owner")
}

#[cold]
#[inline(never)]
fn same() -> ! {
    panic!("Illegal to borrow same QCell twice with rw2() or rw3()")
}

impl Owner {
    #[inline(always)]
    fn ro<'a, T>(&'a self, cell: &'a QCell<T>) -> &'a T {
        if self.id != cell.owner {
            foreign();
        }
        unsafe { &*cell.value.get() }
    }

    #[inline(always)]
    fn rw<'a, T>(&'a mut self, cell: &'a QCell<T>) -> &'a mut T {
        if self.id != cell.owner {
            foreign();
        }
        unsafe { &mut *cell.value.get() }
    }

    #[inline(always)]
    fn rw2<'a, T, U>(&'a mut self, one: &'a QCell<T>, two: &'a QCell<U>) -> (&'a mut T, &'a mut U) {
        if self.id != one.owner || self.id != two.owner {
            foreign();
        }
        if one as *const _ as usize == two as *const _ as usize {
            same();
        }
        unsafe { (&mut *one.value.get(), &mut *two.value.get()) }
    }
}

struct Subject {
    owner: UnsafeCell<Owner>,
    cells: [QCell<u64>; 2],
    at: [Cell<*const QCell<u64>>; 2],
}

impl Subject {
    #[allow(clippy::mut_from_ref)]
    fn owner(&self) -> &mut Owner {
        unsafe { &mut *self.owner.get() }
    }

    /// A cell that the compiler knows nothing of.
    #[inline(always)]
    fn at(&self, i: usize) -> &QCell<u64> {
        unsafe { &*std::ptr::read_volatile(self.at[i].as_ptr()) }
    }
}

extern "C" fn new(_: &Run) -> *mut c_void {
    let cell = || QCell { owner: 4, value: UnsafeCell::new(0u64) };
    let nowhere = || Cell::new(std::ptr::null());
    let subject = boxed(Subject {
        owner: UnsafeCell::new(Owner { id: 4 }),
        cells: [cell(), cell()],
        at: [nowhere(), nowhere()],
    });
    let made = unsafe { &*(subject as *const Subject) };
    for (at, cell) in made.at.iter().zip(&made.cells) {
        at.set(cell);
    }
    subject
}

extern "C" fn ro(run: &Run) {
    let subject: &Subject = run.subject();
    for _ in 0..run.iterations {
        keep(*subject.owner().ro(&subject.cells[0]));
        keep(0);
    }
}

extern "C" fn rw(run: &Run) {
    let subject: &Subject = run.subject();
    for i in 0..run.iterations {
        let value = subject.owner().rw(&subject.cells[0]);
        *value = i;
        keep(0);
    }
}

extern "C" fn rw2(run: &Run) {
    let subject: &Subject = run.subject();
    for i in 0..run.iterations {
        let (p, q) = subject.owner().rw2(subject.at(0), subject.at(1));
        *p = i;
        *q = i;
        keep(0);
    }
}

extern "C" fn bytes(run: &Run) {
    run.metric("bytes\0", std::mem::size_of::<QCell<u64>>() as f64);
}

pub fn enter_all() {
    let extras = Extras { setup: Some(new), teardown: Some(unbox::<Subject>), ..Default::default() };
    enter("token/ro/8B", NAME, ro, extras);
    enter("token/rw/8B", NAME, rw, extras);
    enter("token/rw2/8B", NAME, rw2, extras);
    enter("token/bytes/8B", NAME, bytes, Extras::default());
}
