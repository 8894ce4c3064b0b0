/* SPDX-License-Identifier: MIT */
/* One object of each kind and state, for check.py to look at when main() reaches look_here(). */
#include <intermut/atomic.h>
#include <intermut/cell.h>
#include <intermut/latch.h>
#include <intermut/lazy.h>
#include <intermut/map.h>
#include <intermut/move_cell.h>
#include <intermut/mut_once.h>
#include <intermut/mutex.h>
#include <intermut/once_race.h>
#include <intermut/qcell.h>
#include <intermut/reentrant.h>
#include <intermut/refcell.h>
#include <intermut/rwlock.h>
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

typedef im_mutex(int) int_mutex;
typedef im_mutex_of(im_raw_poisoning, int) poisoning_mutex;
typedef im_mutex_of(im_raw_pthread, int) pthread_mutex;
typedef im_mutex_of(im_raw_spinlock, int) spinlock_mutex;
typedef im_mutex_of(im_raw_ticket, int) ticket_mutex;
typedef im_rwlock(int) int_rwlock;
typedef im_reentrant(int) int_reentrant;
typedef im_once(int) int_once;
typedef im_lazy(int) int_lazy;
typedef im_mut_once(int) int_mut_once;
typedef im_once_race(int) int_race;
typedef im_qcell(int) int_qcell;

#define IM_MAP_NAME hit_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME point_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

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

int_mutex mutex = IM_MUTEX_INIT(1), locked_mutex;
poisoning_mutex poisoned_mutex;
pthread_mutex locked_pthread;
spinlock_mutex spinlock;
ticket_mutex ticket;
int_rwlock rwlock, read_rwlock, written_rwlock;
int_reentrant reentrant;
int_once once, full_once;
int_lazy lazy;
int_mut_once mut_once;
int_race race = {.im_value = 4};
int_qcell qcell = {.im_id = {16}, .im_value = 5};
hit_map hits, no_hits;
point_map many;

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
    (void)im_mutex_lock(&locked_mutex);
    (void)im_mutex_lock(&poisoned_mutex);
    im_mutex_poison(&poisoned_mutex);
    im_mutex_unlock(&poisoned_mutex);
    (void)im_mutex_lock(&locked_pthread);
    (void)im_mutex_lock(&spinlock);
    (void)im_mutex_lock(&ticket);
    (void)im_rwlock_read(&read_rwlock);
    (void)im_rwlock_write(&written_rwlock);
    (void)im_reentrant_lock(&reentrant);
    (void)im_reentrant_lock(&reentrant);
    (void)im_once_set(&full_once, NULL, 9);
    hit_map_insert(&hits, im_slice_of("short"), 1);
    hit_map_insert(&hits, im_slice_of("a key that is not short"), 2);
    for (int i = 0; i < 20000; i++)
        point_map_insert(&many, i, i);
    look_here();
    return 0;
}
