/* SPDX-License-Identifier: MIT */
/* One object of each kind and state, for check.py to look at when main() reaches look_here(). */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <intermut/atomic.h>
#include <intermut/cell.h>
#include <intermut/cell_view.h>
#include <intermut/condvar.h>
#include <intermut/lcell.h>
#include <intermut/latch.h>
#include <intermut/lazy.h>
#include <intermut/map.h>
#include <intermut/move_cell.h>
#include <intermut/mut_once.h>
#include <intermut/mutex.h>
#include <intermut/mutex_guard.h>
#include <intermut/once_race.h>
#include <intermut/qcell.h>
#include <intermut/reentrant.h>
#include <intermut/reentrant_guard.h>
#include <intermut/refcell.h>
#include <intermut/rwlock.h>
#include <intermut/rwlock_guard.h>
#include <intermut/seqlock.h>
#include <intermut/shared_mem.h>
#include <intermut/spin.h>
#include <intermut/tcell.h>
#include <intermut/tlcell.h>
#include <intermut/unsafe_cell.h>

typedef struct {
    int x, y;
} point;
IM_FREEZE(point);

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

typedef im_unsafe_cell(int) raw_cell;
typedef im_ref_mut(point) point_ref_mut;
typedef im_atomic_with_lock(point) locked_atomic;
typedef im_single_seqlock(point) single_point;
typedef im_mutex_guard(int) int_guard;
typedef im_read_guard(int) int_read_guard;
typedef im_write_guard(int) int_write_guard;
typedef im_upgradable_guard(int) int_upgradable_guard;
typedef im_reentrant_guard(int) int_reentrant_guard;
typedef im_cell(point) point_cell;
typedef im_cell_view(int) int_view;
typedef im_sharded_rwlock(int) int_sharded;
typedef im_unsync_once(int) unsync_once_;
typedef im_unsync_lazy(int) unsync_lazy_;
typedef im_sync_mut_once(int) sync_mut_once_;
IM_TCELL_MARKER(tree);
IM_TLCELL_MARKER(thread_tree);
typedef im_tcell(tree, int) tree_cell;
typedef im_tlcell(thread_tree, int) thread_cell;

typedef im_rwlock(point) shared_point;
#define IM_MAP_NAME shared_map
#define IM_MAP_KEY point
#define IM_MAP_HASH(key, seed) XXH3_64bits_withSeed(&(key), sizeof(key), seed)
#define IM_MAP_EQ(a, b) ((a).x == (b).x && (a).y == (b).y)
#define IM_MAP_SHARED_VALUE shared_point
#include <intermut/map.h>

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
hit_map hits, no_hits, growing, splitting, copying;
point_map many;

raw_cell unsafe = IM_UNSAFE_CELL_INIT(3);
point_refcell written_by_ref;
const point_ref_mut *mut_guard;
locked_atomic with_lock = IM_ATOMIC_INIT({1, 2});
single_point single = IM_SEQLOCK_INIT({3, 4});
int_mutex guarded = IM_MUTEX_INIT(5);
const int_guard *held_guard;
int_rwlock guarded_for_reads = IM_RWLOCK_INIT(6), guarded_for_writes = IM_RWLOCK_INIT(7);
int_rwlock guarded_for_upgrades = IM_RWLOCK_INIT(8);
int_reentrant guarded_again = IM_REENTRANT_INIT(9);
const int_read_guard *read_guard;
const int_write_guard *write_guard;
const int_upgradable_guard *upgradable_guard;
const int_reentrant_guard *reentrant_guard;
point_cell viewed = IM_CELL_INIT({1, 4});
const int_view *view;
struct im_shared_mem *memory, *clone, *process_memory;
int_sharded sharded, read_sharded, written_sharded, slot_sharded;
im_condvar condvar = IM_CONDVAR_INIT;
unsync_once_ unsync_once;
unsync_lazy_ unsync_lazy;
sync_mut_once_ sync_mut_once;
struct im_qcell_owner qcell_owner;
im_tcell_owner(tree) tcell_owner;
im_tlcell_owner(thread_tree) tlcell_owner;
IM_LCELL_OWNER(lcell_owner);
im_lcell(lcell_owner, int) lcell = IM_LCELL_INIT(7);
tree_cell tcell = IM_TCELL_INIT(8);
thread_cell tlcell = IM_TLCELL_INIT(9);
shared_map points;
struct im_slice slice = {"not all of it", 3};

struct {
    int number;
    int_cell inner;
} outer = {1, IM_CELL_INIT(6)};

__attribute__((noinline)) static void look_here(void)
{
    __asm__ __volatile__("" ::: "memory");
}

static void *stay_inside(void *inside)
{
    hit_map_read_lock(&growing);
    pthread_barrier_wait(inside);
    for (;;)
        pause();
    return NULL;
}

static bool insert_keys(const hit_map *map, int from, int end)
{
    for (int i = from; i < end; i++) {
        char text[32];
        snprintf(text, sizeof text, "key %d", i);
        if (hit_map_insert(map, im_slice_of(text), i) != 0)
            return false;
    }
    return true;
}

/* With somebody in a section a growth of values that change in place, or a split, begins and does not end. */
static bool begin_to_grow(const hit_map *map, int keys)
{
    return insert_keys(map, 0, keys) && !map->raw.shards && map->raw.first.newest;
}

/* Who splits the map asks for a note of what was copied of each of two tables: at the second one the first was copied. */
static im_atomic(int) notes;

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    if (alignment == 1 && im_atomic_fetch_add(&notes, 1) == 1) {
        for (;;)
            pause();
    }
    return im_allocate(NULL, bytes, alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    im_release(NULL, memory, bytes);
}

static void *split(void *map)
{
    (void)hit_map_reserve(map, 1);
    return NULL;
}

static bool begin_to_copy(hit_map *map)
{
    static const struct im_allocator allocator = {allocate, release, NULL};
    pthread_t thread;
    hit_map_init(map, &(struct im_map_options){.allocator = &allocator});
    if (!insert_keys(map, 0, 14))
        return false;
    /* As its size would ask for later. */
    map->raw.wanted_shards = 4;
    if (pthread_create(&thread, NULL, split, map) != 0)
        return false;
    while (im_atomic_load(&notes) < 2)
        im_sync_yield();
    return insert_keys(map, 14, 20) && !map->raw.shards && map->raw.first.is_spread;
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
    point_ref_mut writer = im_refcell_borrow_ref_mut(point_ref_mut, &written_by_ref);
    mut_guard = &writer;
    int_guard held = im_mutex_lock_guard(int_guard, &guarded);
    held_guard = &held;
    int_read_guard reads = im_rwlock_read_guard(int_read_guard, &guarded_for_reads);
    read_guard = &reads;
    int_write_guard writes = im_rwlock_write_guard(int_write_guard, &guarded_for_writes);
    write_guard = &writes;
    int_upgradable_guard upgrades = im_rwlock_upgradable_guard(int_upgradable_guard, &guarded_for_upgrades);
    upgradable_guard = &upgrades;
    int_reentrant_guard again = im_reentrant_lock_guard(int_reentrant_guard, &guarded_again);
    reentrant_guard = &again;
    view = im_cell_project(int_view, &viewed, y);
    if (im_shared_mem_create(100, &memory) != 0 || im_shared_mem_create_for_processes(4096, &process_memory) != 0)
        return 1;
    clone = im_shared_mem_clone(memory);
    (void)im_rwlock_read(&read_sharded);
    (void)im_rwlock_write(&written_sharded);
    for (int i = 0; i <= IM_SHARDED_RWLOCK_CALM_READS; i++) {
        (void)im_rwlock_read(&slot_sharded);
        im_rwlock_read_unlock(&slot_sharded);
    }
    (void)im_rwlock_read(&slot_sharded);
    if (im_qcell_owner_new(&qcell_owner) != 0)
        return 1;
    im_tcell_owner_new(tree, &tcell_owner);
    im_tlcell_owner_new(thread_tree, &tlcell_owner);
    shared_map_insert(&points, (point){1, 2}, (shared_point)IM_RWLOCK_INIT({3, 4}));
    if (!begin_to_copy(&copying))
        return 1;
    pthread_t thread;
    pthread_barrier_t inside;
    pthread_barrier_init(&inside, NULL, 2);
    if (pthread_create(&thread, NULL, stay_inside, &inside) != 0)
        return 1;
    pthread_barrier_wait(&inside);
    if (!begin_to_grow(&growing, 40) || !begin_to_grow(&splitting, 9000))
        return 1;
    look_here();
    return 0;
}
