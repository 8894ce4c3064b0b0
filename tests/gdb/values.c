/* SPDX-License-Identifier: MIT */
/* One object of each kind and state, for check.py to look at when main() reaches look_here(). */
#include <intermut/atomic.h>
#include <intermut/cell.h>
#include <intermut/latch.h>
#include <intermut/move_cell.h>
#include <intermut/refcell.h>
#include <intermut/seqlock.h>
#include <intermut/spin.h>

typedef struct {
    int x, y;
} point;

typedef im_cell(int) int_cell;
typedef im_move_cell(const char *) name_cell;
typedef im_refcell(point) point_refcell;
typedef im_ref(point) point_ref;
typedef im_atomic(int) atomic_int_;
typedef im_seqlock(point) point_seqlock;
typedef im_latch(point) point_latch;
typedef im_spin(point) point_spin;

int_cell cell = IM_CELL_INIT(5);
name_cell moved = IM_MOVE_CELL_INIT("Ada");
point_refcell free_refcell = IM_REFCELL_INIT({1, 2});
point_refcell read_once, read_twice, written;
const point_ref *guard;
point_ref empty_guard;
atomic_int_ atomic = IM_ATOMIC_INIT(7);
point_seqlock seqlock = IM_SEQLOCK_INIT({3, 4});
point_latch latch;
point_spin spin = IM_SPIN_INIT({8, 9});
struct im_seqcount seqcount;

struct {
    int number;
    int_cell inner;
} outer = {1, IM_CELL_INIT(6)};

__attribute__((noinline)) static void look_here(void)
{
    __asm__ __volatile__("" ::: "memory");
}

int main(void)
{
    point_ref reader = im_refcell_borrow_ref(point_ref, &read_once);
    guard = &reader;
    (void)im_refcell_borrow(&read_twice);
    (void)im_refcell_borrow(&read_twice);
    (void)im_refcell_borrow_mut(&written);
    im_seqlock_store(&seqlock, (point){5, 6});
    im_latch_store(&latch, (point){7, 8});
    im_seqcount_write_begin(&seqcount);
    look_here();
    return 0;
}
