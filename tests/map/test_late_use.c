/* SPDX-License-Identifier: MIT */
/*
 * The checked build finds out who uses a value that changes in place after the section that found it. IM_CHECKED=1.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/atomic_wait.h>
#include <intermut/cell.h>
#include <intermut/cell_view.h>
#include <intermut/condvar.h>
#include <intermut/latch.h>
#include <intermut/lazy.h>
#include <intermut/map.h>
#include <intermut/move_cell.h>
#include <intermut/mut_once.h>
#include <intermut/mutex.h>
#include <intermut/once.h>
#include <intermut/once_race.h>
#include <intermut/qcell.h>
#include <intermut/reentrant.h>
#include <intermut/refcell.h>
#include <intermut/rwlock.h>
#include <intermut/seqlock.h>
#include <intermut/spin.h>
#include <intermut/tcell.h>

#include "plain_half.h"

struct wide {
    uint64_t words[3];
};
struct pair {
    uint64_t words[2];
};

IM_TCELL_MARKER(late_marker);
typedef im_tcell_owner(late_marker) marked_owner;
typedef im_cell_view(int) int_view;

/* One of each kind. */
typedef struct {
    im_atomic(uint32_t) word;
    im_atomic(struct pair) two;
    im_atomic(struct wide) three;
    im_atomic_with_lock(uint64_t) locked;
    im_seqlock(struct wide) record;
    im_single_seqlock(struct wide) single;
    im_latch(struct wide) latch;
    struct im_seqcount count;
    im_spin(int) spin;
    im_cell(int) cell;
    im_cell(struct { int x; }) corner;
    im_move_cell(int) moved;
    im_refcell(int) ref;
    im_once(int) once;
    im_unsync_once(int) unsync_once;
    im_lazy(int) lazy;
    im_once_race(int) race;
    im_mut_once(int) mut_once;
    im_sync_mut_once(int) sync_mut_once;
    im_mutex(int) mutex;
    im_mutex_of(im_raw_ticket, int) ticket;
    im_rwlock(int) rwlock;
    im_sharded_rwlock(int) sharded;
    im_reentrant(int) reentrant;
    im_condvar condvar;
    im_qcell(int) qcell;
    im_tcell(late_marker, int) tcell;
    char last;
} everything;

static unsigned drops;
static void look_and_drop(const everything *self)
{
    im_mutex_with(value, &self->mutex) drops += *value == 0;
}

#define IM_MAP_NAME all_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE everything
#define IM_MAP_DROP_VALUE(value) look_and_drop(value)
#include <intermut/map.h>

#define IM_MAP_NAME hit_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

/* Not one machine word. */
#define IM_MAP_NAME wide_map
#define IM_MAP_STRING_KEY
typedef struct wide wide;
#define IM_MAP_ATOMIC_VALUE wide
#include <intermut/map.h>

typedef im_mutex(int) guarded;
#define IM_MAP_NAME guarded_map
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE guarded
#include <intermut/map.h>

/* ---- Uses: name, what is done with v. Each ends what it begins ---- */

static struct im_qcell_owner owner;
static marked_owner marked;

static int make_one(int *value, void *argument)
{
    (void)argument;
    *value = 1;
    return 0;
}

#define LATER 1000

/* clang-format off */
#define FOR_EACH_USE(USE) \
    USE(atomic_load, (void)im_atomic_load(&v->word)) \
    USE(atomic_store, im_atomic_store(&v->word, 0)) \
    USE(atomic_fetch_add, (void)im_atomic_fetch_add(&v->word, 1)) \
    USE(atomic_fetch_max, (void)im_atomic_fetch_max(&v->word, 1)) \
    USE(atomic_update, (void)im_atomic_try_update(&v->word, n, true, n + 1)) \
    USE(atomic_wait_for, (void)im_atomic_wait_for(&v->word, 0, 7)) \
    USE(atomic_wake_one, im_atomic_wake_one(&v->word)) \
    USE(atomic_wake_all, im_atomic_wake_all(&v->word)) \
    USE(atomic_of_16_bytes, (void)im_atomic_load(&v->two)) \
    USE(atomic_in_a_stripe, im_atomic_store(&v->three, (struct wide){{1}})) \
    USE(atomic_load_into, struct wide to; im_atomic_load_into(&v->three, &to)) \
    USE(atomic_with_lock, (void)im_atomic_swap(&v->locked, 1)) \
    USE(seqlock_load, (void)im_seqlock_load(&v->record)) \
    USE(seqlock_try_load, struct wide to; (void)im_seqlock_try_load(&v->record, &to)) \
    USE(seqlock_store, im_seqlock_store(&v->record, (struct wide){{1}})) \
    USE(seqlock_update, (void)im_seqlock_update(&v->record, r, r)) \
    USE(seqlock_with, im_seqlock_with(r, &v->record) r->words[0]++) \
    USE(single_seqlock_store, im_seqlock_store(&v->single, (struct wide){{1}})) \
    USE(latch_load, (void)im_latch_load(&v->latch)) \
    USE(latch_store, im_latch_store(&v->latch, (struct wide){{1}})) \
    USE(seqcount_write, im_seqcount_write_end(&v->count, im_seqcount_write_begin(&v->count))) \
    USE(spin_load, (void)im_spin_load(&v->spin)) \
    USE(spin_store, im_spin_store(&v->spin, 1)) \
    USE(cell_get, (void)im_cell_get(&v->cell)) \
    USE(cell_set, im_cell_set(&v->cell, 1)) \
    USE(cell_view, (void)im_cell_get(im_cell_project(int_view, &v->corner, x))) \
    USE(move_cell_take, (void)im_move_cell_take(&v->moved)) \
    USE(refcell_borrow, (void)im_refcell_borrow(&v->ref); im_refcell_release(&v->ref)) \
    USE(refcell_try_borrow, if (im_refcell_try_borrow(&v->ref)) im_refcell_release(&v->ref)) \
    USE(refcell_borrow_mut, (void)im_refcell_borrow_mut(&v->ref); im_refcell_release_mut(&v->ref)) \
    USE(refcell_replace, (void)im_refcell_replace(&v->ref, 1)) \
    USE(refcell_with, im_refcell_with(r, &v->ref) (void)*r) \
    USE(once_get, (void)im_once_get(&v->once)) \
    USE(once_get_or_init, (void)im_once_get_or_init(&v->once, make_one, NULL)) \
    USE(unsync_once_get, (void)im_once_get(&v->unsync_once)) \
    USE(lazy_is_poisoned, (void)im_lazy_is_poisoned(&v->lazy)) \
    USE(once_race_get, (void)im_once_race_get(&v->race)) \
    USE(once_race_set, (void)im_once_race_set(&v->race, 1)) \
    USE(once_race_get_or_init, (void)im_once_race_get_or_init(&v->race, make_one, NULL, NULL)) \
    USE(mut_once_borrow_mut, (void)im_mut_once_borrow_mut(&v->mut_once); im_mut_once_release_mut(&v->mut_once)) \
    USE(sync_mut_once_borrow_mut, \
        (void)im_mut_once_borrow_mut(&v->sync_mut_once); im_mut_once_release_mut(&v->sync_mut_once)) \
    USE(mutex_lock, (void)im_mutex_lock(&v->mutex); im_mutex_unlock(&v->mutex)) \
    USE(mutex_try_lock, if (im_mutex_try_lock(&v->mutex)) im_mutex_unlock(&v->mutex)) \
    USE(mutex_lock_for, if (im_mutex_lock_for(&v->mutex, LATER)) im_mutex_unlock(&v->mutex)) \
    USE(mutex_lock_until, if (im_mutex_lock_until(&v->mutex, 0)) im_mutex_unlock(&v->mutex)) \
    USE(mutex_with, im_mutex_with(m, &v->mutex) (void)*m) \
    USE(mutex_try_with, im_mutex_try_with(m, &v->mutex) (void)*m) \
    USE(mutex_of_another_lock, im_mutex_with(m, &v->ticket) (void)*m) \
    USE(rwlock_read, (void)im_rwlock_read(&v->rwlock); im_rwlock_read_unlock(&v->rwlock)) \
    USE(rwlock_try_read, if (im_rwlock_try_read(&v->rwlock)) im_rwlock_read_unlock(&v->rwlock)) \
    USE(rwlock_read_for, if (im_rwlock_read_for(&v->rwlock, LATER)) im_rwlock_read_unlock(&v->rwlock)) \
    USE(rwlock_write, (void)im_rwlock_write(&v->rwlock); im_rwlock_write_unlock(&v->rwlock)) \
    USE(rwlock_try_write, if (im_rwlock_try_write(&v->rwlock)) im_rwlock_write_unlock(&v->rwlock)) \
    USE(rwlock_upgradable, (void)im_rwlock_upgradable_read(&v->rwlock); im_rwlock_upgradable_unlock(&v->rwlock)) \
    USE(rwlock_with_read, im_rwlock_with_read(r, &v->rwlock) (void)*r) \
    USE(sharded_read, (void)im_rwlock_read(&v->sharded); im_rwlock_read_unlock(&v->sharded)) \
    USE(sharded_write, (void)im_rwlock_write(&v->sharded); im_rwlock_write_unlock(&v->sharded)) \
    USE(reentrant_lock, (void)im_reentrant_lock(&v->reentrant); im_reentrant_unlock(&v->reentrant)) \
    USE(reentrant_try_lock, if (im_reentrant_try_lock(&v->reentrant)) im_reentrant_unlock(&v->reentrant)) \
    USE(reentrant_lock_for, if (im_reentrant_lock_for(&v->reentrant, LATER)) im_reentrant_unlock(&v->reentrant)) \
    USE(condvar_notify_one, im_condvar_notify_one(&v->condvar)) \
    USE(condvar_notify_all, im_condvar_notify_all(&v->condvar)) \
    USE(qcell_ro, (void)*im_qcell_ro(&owner, &v->qcell)) \
    USE(qcell_try_ro, (void)im_qcell_try_ro(&owner, &v->qcell)) \
    USE(qcell_rw, *im_qcell_rw(&owner, &v->qcell) = 1) \
    USE(qcell_with_rw, im_qcell_with_rw(q, &owner, &v->qcell) *q = 1) \
    USE(tcell_ro, (void)*im_tcell_ro(&marked, &v->tcell)) \
    USE(tcell_rw, *im_tcell_rw(&marked, &v->tcell) = 1)
/* clang-format on */

#define DEFINE_USE(name, ...)                \
    static void name##_(const everything *v) \
    {                                        \
        __VA_ARGS__;                         \
    }
FOR_EACH_USE(DEFINE_USE)

static const struct use {
    const char *name;
    void (*with)(const everything *v);
} uses[] = {
#define LIST_USE(name, ...) {#name "_", name##_},
    FOR_EACH_USE(LIST_USE)};

enum { USES = sizeof uses / sizeof uses[0] };

/* ---- Panics that the program goes on after ---- */

static sigjmp_buf refused;
static char message[512];
static struct im_site here, found_at;
static size_t lines;

static void go_on_after_panic(const struct im_panic_info *info)
{
    snprintf(message, sizeof message, "%s", info->message);
    here = info->here;
    found_at = info->before;
    lines = info->line_count;
    siglongjmp(refused, 1);
}

/* Whether `run(argument)` panics. */
static bool panics(void (*run)(const void *argument), const void *argument)
{
    im_panic_set_handler(go_on_after_panic);
    message[0] = '\0';
    const bool does = sigsetjmp(refused, 0) != 0;
    if (!does)
        run(argument);
    im_panic_set_handler(NULL);
    return does;
}

static const everything *kept;

static void run_use(const void *use)
{
    ((const struct use *)use)->with(kept);
}

static void hit(const void *value)
{
    im_atomic_fetch_add((const hit_map_value *)value, 1);
}

static void lock_guarded(const void *value)
{
    im_mutex_with(it, (const guarded *)value)++ *it;
}

static everything fresh(void)
{
    everything value = {.last = 0};
    im_qcell_init(&value.qcell, im_qcell_owner_id(&owner), 0);
    return value;
}

/* A map with keys 0 to `keys`, less one. */
static void fill(const all_map *map, uint32_t keys)
{
    im_qcell_owner_new_pinned(&owner);
    im_tcell_owner_new(late_marker, &marked);
    for (uint32_t key = 0; key < keys; key++)
        cr_assert_eq(all_map_insert(map, key, fresh()), 0);
}

static void end(all_map *map)
{
    all_map_destroy(map);
    im_tcell_owner_end(late_marker, &marked);
    im_qcell_owner_end(&owner);
}

#define FOUND_LATE "is used after the read section in which it was found"
#define FOUND_NOWHERE "is used outside of any read section of its map"

/* ---- Each kind, each operation ---- */

static void use_all(const everything *value)
{
    kept = value;
    for (size_t i = 0; i < USES; i++)
        cr_assert(!panics(run_use, &uses[i]), "%s: %s", uses[i].name, message);
}

Test(late_use, all_may_be_used_inside_of_the_section)
{
    static all_map map;
    fill(&map, 3);
    im_map_with(all_map, value, &map, 1)
        use_all(value);
    im_map_with_or_insert(all_map, value, &map, 1, fresh())
        use_all(value);
    end(&map);
}

Test(late_use, none_may_be_used_after_the_section)
{
    static all_map map;
    fill(&map, 3);
    im_map_with(all_map, value, &map, 1)
        kept = value;
    for (size_t i = 0; i < USES; i++) {
        cr_assert(panics(run_use, &uses[i]), "%s", uses[i].name);
        cr_assert_str_eq(message, "map: the value of key 1 in all_map " FOUND_LATE, "%s", uses[i].name);
        cr_assert_str_eq(here.function, uses[i].name);
        cr_assert_str_eq(found_at.function, "late_use_none_may_be_used_after_the_section_impl");
    }
    /* Nothing was left halfway. */
    im_map_with(all_map, value, &map, 1)
        use_all(value);
    end(&map);
}

/* ---- Atomic values ---- */

Test(late_use, of_an_atomic_value)
{
    static hit_map map;
    const hit_map_value *value;
    cr_assert_eq(hit_map_insert(&map, -3, 1), 0);
    hit_map_read_lock(&map);
    value = hit_map_find(&map, -3);
    cr_assert(!panics(hit, value), "%s", message);
    hit_map_read_unlock(&map);
    cr_assert(panics(hit, value));
    cr_assert_str_eq(message, "map: the value of key -3 in hit_map " FOUND_LATE);
    cr_assert_str_eq(here.function, "hit");
    cr_assert_eq(lines, 0, "it is not known where read_lock was called");
    hit_map_destroy(&map);
}

static void load_wide(const void *value)
{
    (void)im_atomic_load((const wide_map_value *)value);
}

Test(late_use, of_a_wide_atomic_value)
{
    static wide_map map;
    const wide_map_value *value = NULL;
    cr_assert_eq(wide_map_insert(&map, im_slice_of("a key that is longer than its first bytes"), (wide){{1}}), 0);
    im_map_with(wide_map, found, &map, im_slice_of("a key that is longer than its first bytes")) {
        value = found;
        load_wide(value);
    }
    cr_assert(panics(load_wide, value));
    cr_assert_str_eq(message,
                     "map: the value of key \"a key that is longer than its first bytes\" in wide_map " FOUND_LATE);
    wide_map_destroy(&map);
}

/* ---- Which section ---- */

Test(late_use, in_a_later_section_that_did_not_find_it)
{
    static hit_map map;
    const hit_map_value *value = NULL;
    for (int key = 0; key < 100; key++)
        cr_assert_eq(hit_map_insert(&map, key, 1), 0);
    cr_assert_eq(hit_map_synchronize(&map), 0); /* no table is copied any more */
    im_map_with(hit_map, found, &map, 1)
        value = found;
    im_map_with(hit_map, other, &map, 2) {
        hit(other);
        cr_assert(panics(hit, value));
        cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_LATE);
        cr_assert_eq(hit_map_find(&map, 1), value);
        cr_assert(!panics(hit, value), "found again: %s", message);
    }
    hit_map_destroy(&map);
}

Test(late_use, sixty_four_sections_are_remembered)
{
    enum { SECTIONS = 64 };
    static hit_map map;
    const hit_map_value *value = NULL;
    for (int key = 0; key < 100; key++)
        cr_assert_eq(hit_map_insert(&map, key, 1), 0);
    cr_assert_eq(hit_map_synchronize(&map), 0); /* no table is copied any more */
    im_map_with(hit_map, found, &map, 1)
        value = found;
    for (int key = 2; key < 1 + SECTIONS; key++) {
        im_map_with(hit_map, other, &map, key)
            hit(other);
    }
    im_map_with(hit_map, other, &map, 80) {
        cr_assert(panics(hit, value));
        cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_LATE);
        hit(other);
    }
    im_map_with(hit_map, other, &map, 81)
        cr_assert(!panics(hit, value), "in a section it is not known any more who found it: %s", message);
    cr_assert(panics(hit, value));
    hit_map_destroy(&map);
}

static void find_first(const hit_map *map, const hit_map_value **value)
{
    im_map_with(hit_map, found, map, 1)
        *value = found;
}

static void find_again(const hit_map *map, const hit_map_value **value)
{
    im_map_with(hit_map, found, map, 1)
        *value = found;
}

Test(late_use, the_latest_section_that_found_it_is_named)
{
    static hit_map map;
    const hit_map_value *value = NULL;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    find_first(&map, &value);
    find_again(&map, &value);
    cr_assert(panics(hit, value));
    cr_assert_str_eq(found_at.function, "find_again");
    hit_map_destroy(&map);
}

Test(late_use, outside_of_all_sections_it_does_not_matter_how_long_ago)
{
    static hit_map map;
    const hit_map_value *value = NULL;
    for (int key = 0; key < 100; key++)
        cr_assert_eq(hit_map_insert(&map, key, 1), 0);
    cr_assert_eq(hit_map_synchronize(&map), 0); /* no table is copied any more */
    im_map_with(hit_map, found, &map, 1)
        value = found;
    for (int key = 2; key < 100; key++) {
        im_map_with(hit_map, other, &map, key)
            hit(other);
    }
    cr_assert(panics(hit, value));
    cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_NOWHERE);
    cr_assert_eq(lines, 0);
    hit_map_destroy(&map);
}

Test(late_use, nested_sections)
{
    static hit_map map, other;
    const hit_map_value *inner, *outer;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    cr_assert_eq(hit_map_insert(&map, 2, 2), 0);
    cr_assert_eq(hit_map_insert(&other, 1, 1), 0);
    hit_map_read_lock(&map);
    outer = hit_map_find(&map, 1);
    cr_assert(hit_map_try_read_lock(&map));
    inner = hit_map_find(&map, 2);
    cr_assert(!panics(hit, inner), "%s", message);
    cr_assert(!panics(hit, outer), "of the outer section: %s", message);
    cr_assert_eq(hit_map_find(&map, 1), outer);
    hit_map_read_unlock(&map);
    cr_assert(panics(hit, inner), "the inner section is over");
    cr_assert(!panics(hit, outer), "found by both: %s", message);

    cr_assert(hit_map_try_read_lock(&other));
    inner = hit_map_find(&other, 1);
    cr_assert(!panics(hit, inner) && !panics(hit, outer), "%s", message);
    hit_map_read_unlock(&map);
    cr_assert(panics(hit, outer), "in a section of another map");
    cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_LATE);
    cr_assert(!panics(hit, inner), "sections may end in any order: %s", message);
    hit_map_read_unlock(&other);
    cr_assert(panics(hit, inner));
    hit_map_destroy(&map);
    hit_map_destroy(&other);
}

Test(late_use, many_finds_in_one_section)
{
    enum { KEYS = 5000 };
    static hit_map map;
    static const hit_map_value *found[KEYS];
    for (int key = 0; key < KEYS; key++)
        cr_assert_eq(hit_map_insert(&map, key, 0), 0);
    for (int section = 0; section < 2; section++) {
        hit_map_read_lock(&map);
        for (int i = 0; i < KEYS; i++) {
            const int key = section ? KEYS - 1 - i : i;
            found[key] = hit_map_find(&map, key);
        }
        for (int key = 0; key < KEYS; key++)
            hit(found[key]);
        hit_map_read_unlock(&map);
    }
    for (int key = 0; key < KEYS; key += 100)
        cr_assert(panics(hit, found[key]));
    hit_map_destroy(&map);
}

/* ---- Keys that go ---- */

Test(late_use, of_a_removed_key)
{
    static hit_map map;
    const hit_map_value *value = NULL;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    im_map_with(hit_map, found, &map, 1)
        value = found;
    cr_assert_eq(hit_map_remove(&map, 1, NULL), 0);
    cr_assert(panics(hit, value));
    cr_assert_str_eq(message, "map: the value of a removed key in hit_map " FOUND_LATE);
    cr_assert_eq(hit_map_synchronize(&map), 0);
    for (int key = 100; key < 114; key++)
        cr_assert_eq(hit_map_insert(&map, key, 1), 0);
    cr_assert(panics(hit, value), "which another one has replaced");
    cr_assert_str_eq(message, "map: the value of a removed key in hit_map " FOUND_LATE);
    hit_map_destroy(&map);
}

static void *grow(void *map)
{
    for (int key = 100; key < 3000; key++) {
        if (hit_map_insert(map, key, 1))
            abort();
    }
    return NULL;
}

Test(late_use, while_the_map_grows)
{
    static hit_map map;
    pthread_t grower;
    for (int key = 0; key < 100; key++)
        cr_assert_eq(hit_map_insert(&map, key, 0), 0);
    pthread_create(&grower, NULL, grow, &map);
    for (int i = 0; i < 20000; i++) {
        im_map_with(hit_map, value, &map, i % 100)
            hit(value);
    }
    pthread_join(grower, NULL);
    uint64_t sum = 0, n;
    for (int key = 0; key < 100; key++)
        sum += hit_map_get(&map, key, &n) == 0 ? n : 0;
    cr_assert_eq(sum, 20000);
    hit_map_destroy(&map);
}

/* ---- Threads ---- */

static const hit_map_value *passed;

static void *use_passed(void *expected)
{
    cr_assert_eq(panics(hit, passed), expected != NULL, "%s", message);
    return NULL;
}

static void in_another_thread(const char *expected)
{
    pthread_t thread;
    pthread_create(&thread, NULL, use_passed, (void *)(uintptr_t)expected);
    pthread_join(thread, NULL);
    if (expected)
        cr_assert_str_eq(message, expected);
}

Test(late_use, by_another_thread)
{
    static hit_map map;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    im_map_with(hit_map, value, &map, 1)
        hit(value);
    im_map_with(hit_map, value, &map, 1) {
        passed = value;
        in_another_thread(NULL);
    }
    in_another_thread("map: the value of key 1 in hit_map " FOUND_LATE);
    cr_assert_str_eq(found_at.function, "late_use_by_another_thread_impl");
    hit_map_destroy(&map);
}

static void *find_and_end(void *map)
{
    im_map_with(hit_map, value, (const hit_map *)map, 1)
        passed = value;
    return NULL;
}

static pthread_barrier_t meeting;

static void *find_and_live_on(void *map)
{
    find_and_end(map);
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    return NULL;
}

Test(late_use, of_what_another_thread_found)
{
    static hit_map map;
    pthread_t thread;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    cr_assert_eq(hit_map_insert(&map, 2, 1), 0);
    im_map_with(hit_map, value, &map, 2)
        hit(value);
    pthread_barrier_init(&meeting, NULL, 2);
    pthread_create(&thread, NULL, find_and_live_on, &map);
    pthread_barrier_wait(&meeting);
    cr_assert(panics(hit, passed));
    cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_LATE);
    cr_assert_str_eq(found_at.function, "find_and_end");
    im_map_with(hit_map, value, &map, 2)
        cr_assert(panics(hit, passed), "in a section that did not find it");
    pthread_barrier_wait(&meeting);
    pthread_join(thread, NULL);
    hit_map_destroy(&map);
}

Test(late_use, of_what_a_thread_found_that_has_ended)
{
    static hit_map map;
    pthread_t thread;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    pthread_create(&thread, NULL, find_and_end, &map);
    pthread_join(thread, NULL);
    cr_assert(panics(hit, passed));
    cr_assert_str_eq(message, "map: the value of key 1 in hit_map " FOUND_NOWHERE);
    hit_map_destroy(&map);
}

static void *find_and_hit(void *map)
{
    for (int i = 0; i < 2000; i++) {
        im_map_with(hit_map, value, (const hit_map *)map, i % 10)
            hit(value);
    }
    return NULL;
}

Test(late_use, threads_with_sections_of_their_own)
{
    static hit_map map;
    pthread_t threads[4];
    for (int key = 0; key < 10; key++)
        cr_assert_eq(hit_map_insert(&map, key, 0), 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, find_and_hit, &map);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    hit_map_destroy(&map);
}

Test(late_use, in_the_child_of_a_fork)
{
    static hit_map map;
    int status = -1;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    hit_map_read_lock(&map);
    passed = hit_map_find(&map, 1);
    pid_t child = fork();
    if (child == 0) {
        bool is_well = !panics(hit, passed);
        hit_map_read_unlock(&map);
        _exit(is_well && panics(hit, passed) ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert(!panics(hit, passed), "%s", message);
    hit_map_read_unlock(&map);
    hit_map_destroy(&map);
}

static im_atomic(bool) is_over;

static void *find_until_it_is_over(void *map)
{
    while (!im_atomic_load(&is_over))
        find_and_hit(map);
    return NULL;
}

/* Whatever other threads had locked when it was forked. A fork waits for locks that they have most of the time. */
Test(late_use, in_the_children_of_busy_threads)
{
    enum { FORKS = 100 };
    static hit_map map;
    pthread_t threads[2];
    for (int key = 0; key < 10; key++)
        cr_assert_eq(hit_map_insert(&map, key, 0), 0);
    hit_map_read_lock(&map);
    passed = hit_map_find(&map, 1);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, find_until_it_is_over, &map);
    for (int i = 0; i < FORKS; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            alarm(10);
            hit(passed);
            _exit(0);
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "%x", (unsigned)status);
    }
    hit_map_read_unlock(&map);
    im_atomic_store(&is_over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    hit_map_destroy(&map);
}

/* ---- Walks ---- */

static int visit(uint32_t key, const everything *value, void *argument)
{
    (void)key, (void)argument;
    use_all(value);
    return 0;
}

static int visit_hits(int key, const uint64_t *value, void *argument)
{
    (void)key;
    *(uint64_t *)argument += *value;
    return 0;
}

Test(late_use, walks_show_values)
{
    static all_map map;
    fill(&map, 20);
    cr_assert_eq(all_map_for_each(&map, visit, NULL), 0);
    cr_assert(panics(run_use, &uses[0]), "after it");
    all_map_cursor cursor = all_map_cursor_open(&map);
    while (all_map_cursor_next(&cursor))
        use_all(cursor.value);
    cr_assert(panics(run_use, &uses[0]), "after it");
    cursor = all_map_cursor_open(&map);
    cr_assert(all_map_cursor_next(&cursor));
    use_all(cursor.value);
    all_map_cursor_close(&cursor);
    cr_assert(panics(run_use, &uses[0]), "after it");
    end(&map);
}

#define IN_WALK "map: the value of key 42 in hit_map, found inside of a walk, is used: growth may have copied it"

static int visit_and_hit(int key, const uint64_t *value, void *argument)
{
    const hit_map *map = argument;
    const hit_map_value *found = hit_map_find(map, key);
    (void)value;
    cr_assert(panics(hit, found));
    cr_assert_str_eq(message, IN_WALK);
    cr_assert_str_eq(here.function, "hit");

    cr_assert(hit_map_try_read_lock(map));
    cr_assert(panics(hit, found), "it was found before");
    cr_assert(!panics(hit, hit_map_find(map, key)), "%s", message);
    hit_map_read_unlock(map);
    cr_assert(panics(hit, found));
    cr_assert_str_eq(message, IN_WALK);
    return 0;
}

static int visit_and_hit_in_section(int key, const uint64_t *value, void *argument)
{
    (void)value;
    cr_assert(!panics(hit, hit_map_find((const hit_map *)argument, key)), "%s", message);
    return 0;
}

/* Growth does not wait for walks over atomic values, but for a section around one. */
Test(late_use, of_what_was_found_inside_of_a_walk)
{
    static hit_map map;
    cr_assert_eq(hit_map_insert(&map, 42, 7), 0);
    cr_assert_eq(hit_map_for_each(&map, visit_and_hit, &map), 0);
    hit_map_read_lock(&map);
    cr_assert_eq(hit_map_for_each(&map, visit_and_hit_in_section, &map), 0);
    hit_map_read_unlock(&map);
    hit_map_cursor cursor = hit_map_cursor_open(&map);
    cr_assert(hit_map_cursor_next(&cursor));
    cr_assert(panics(hit, hit_map_find(&map, 42)));
    cr_assert_str_eq(message, IN_WALK);
    hit_map_cursor_close(&cursor);
    uint64_t value;
    cr_assert_eq(hit_map_get(&map, 42, &value), 0);
    cr_assert_eq(value, 7 + 2);
    hit_map_destroy(&map);
}

/* ---- The map's own uses, and callbacks ---- */

Test(late_use, the_map_itself_needs_no_section)
{
    static hit_map map;
    const int keys[] = {1, 2, 3};
    hit_map_maybe values[3];
    uint64_t value = 0, sum = 0;
    const hit_map_value *late = NULL;
    for (int key = 1; key <= 3; key++)
        cr_assert_eq(hit_map_insert(&map, key, 1), 0);
    im_map_with(hit_map, found, &map, 1)
        late = found;
    cr_assert_eq(hit_map_get(&map, 1, &value), 0);
    cr_assert_eq(hit_map_get_many(&map, keys, 3, values), 3);
    cr_assert_eq(hit_map_for_each(&map, visit_hits, &sum), 0);
    cr_assert_eq(sum, 3);
    cr_assert_eq(hit_map_put(&map, 1, 5, NULL), 0);
    cr_assert_eq(hit_map_replace(&map, 1, 6, &value), 0);
    im_map_with(hit_map, found, &map, 2) {
        cr_assert_eq(hit_map_get(&map, 1, &value), 0);
        cr_assert_eq(hit_map_get_many(&map, keys, 3, values), 3);
        hit(found);
    }
    cr_assert(panics(hit, late), "and then it is looked at again");
    cr_assert_eq(hit_map_remove(&map, 1, &value), 0);
    hit_map_destroy(&map);
}

static enum im_map_action use_and_keep(const everything *old, everything *value, void *argument)
{
    (void)value, (void)argument;
    use_all(old);
    return IM_MAP_KEEP;
}

static bool use_and_stay(uint32_t key, const everything *value, void *argument)
{
    (void)key, (void)argument;
    use_all(value);
    return true;
}

static bool use_and_decide(const everything *value, void *argument)
{
    (void)argument;
    use_all(value);
    return true;
}

static void take(uint32_t key, everything value, void *argument)
{
    (void)key, (void)argument;
    use_all(&value);
}

Test(late_use, callbacks_of_changes)
{
    static all_map map;
    all_map_maybe old;
    fill(&map, 10);
    cr_assert_eq(all_map_compute(&map, 1, use_and_keep, NULL), 0);
    cr_assert_eq(all_map_retain(&map, use_and_stay, NULL), 0);
    drops = 0;
    cr_assert_eq(all_map_remove_if(&map, 1, use_and_decide, NULL, NULL), 0);
    cr_assert_eq(all_map_put(&map, 2, fresh(), NULL), 0);
    cr_assert_eq(all_map_put(&map, 3, fresh(), &old), 0);
    use_all(&old.value);
    cr_assert_eq(all_map_synchronize(&map), 0);
    cr_assert_eq(drops, 2, "a drop hook may use what it ends");
    cr_assert_eq(all_map_drain(&map, take, NULL), 0);
    cr_assert_eq(all_map_insert(&map, 1, fresh()), 0);
    end(&map);
    cr_assert_eq(drops, 3);
}

static enum im_map_action use_another(const uint64_t *old, uint64_t *value, void *late)
{
    (void)old, (void)value;
    cr_assert(panics(hit, late));
    return IM_MAP_KEEP;
}

Test(late_use, in_a_change_of_another_map)
{
    static hit_map map, other;
    const hit_map_value *late = NULL;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    im_map_with(hit_map, found, &map, 1)
        late = found;
    cr_assert_eq(hit_map_compute(&other, 1, use_another, (void *)(uintptr_t)late), 0);
    hit_map_destroy(&map);
    hit_map_destroy(&other);
}

/* ---- What is opened inside ends inside: name, what opens v, what is too late then, what ends it in a section ---- */

static im_mutex(int) beside = IM_MUTEX_INIT(0);

/* clang-format off */
#define FOR_EACH_LATE_END(USE) \
    USE(mutex_unlock, im_mutex_lock(&v->mutex), im_mutex_unlock(&v->mutex), im_mutex_unlock(&v->mutex)) \
    USE(mutex_unlock_fair, im_mutex_lock(&v->mutex), im_mutex_unlock_fair(&v->mutex), im_mutex_unlock(&v->mutex)) \
    USE(mutex_value, im_mutex_lock(&v->mutex), im_mutex_value(&v->mutex), im_mutex_unlock(&v->mutex)) \
    USE(read_unlock, im_rwlock_read(&v->rwlock), im_rwlock_read_unlock(&v->rwlock), im_rwlock_read_unlock(&v->rwlock)) \
    USE(write_unlock, \
        im_rwlock_write(&v->rwlock), im_rwlock_write_unlock(&v->rwlock), im_rwlock_write_unlock(&v->rwlock)) \
    USE(sharded_read_unlock, \
        im_rwlock_read(&v->sharded), im_rwlock_read_unlock(&v->sharded), im_rwlock_read_unlock(&v->sharded)) \
    USE(downgrade, im_rwlock_write(&v->rwlock), im_rwlock_downgrade(&v->rwlock), im_rwlock_write_unlock(&v->rwlock)) \
    USE(upgrade, im_rwlock_upgradable_read(&v->rwlock), im_rwlock_upgrade(&v->rwlock), \
        im_rwlock_upgradable_unlock(&v->rwlock)) \
    USE(try_upgrade, im_rwlock_upgradable_read(&v->rwlock), im_rwlock_try_upgrade(&v->rwlock) != NULL, \
        im_rwlock_upgradable_unlock(&v->rwlock)) \
    USE(reentrant_unlock, \
        im_reentrant_lock(&v->reentrant), im_reentrant_unlock(&v->reentrant), im_reentrant_unlock(&v->reentrant)) \
    USE(reentrant_value, \
        im_reentrant_lock(&v->reentrant), im_reentrant_value(&v->reentrant), im_reentrant_unlock(&v->reentrant)) \
    USE(reentrant_again, \
        im_reentrant_lock(&v->reentrant), im_reentrant_lock(&v->reentrant), im_reentrant_unlock(&v->reentrant)) \
    USE(refcell_release, im_refcell_borrow(&v->ref), im_refcell_release(&v->ref), im_refcell_release(&v->ref)) \
    USE(refcell_release_mut, \
        im_refcell_borrow_mut(&v->ref), im_refcell_release_mut(&v->ref), im_refcell_release_mut(&v->ref)) \
    USE(mut_once_release, im_mut_once_borrow_mut(&v->mut_once), im_mut_once_release_mut(&v->mut_once), \
        im_mut_once_release_mut(&v->mut_once)) \
    USE(condvar_wait, \
        im_mutex_lock(&beside), im_condvar_wait_for(&v->condvar, &beside, 0), im_mutex_unlock(&beside))
/* clang-format on */

#define DEFINE_LATE_END(name, opens, late, ends) \
    static void open_##name(const everything *v) \
    {                                            \
        (void)v, (void)(opens);                  \
    }                                            \
    static void late_##name(const everything *v) \
    {                                            \
        (void)v, (void)(late);                   \
    }                                            \
    static void end_##name(const everything *v)  \
    {                                            \
        (void)v, (void)(ends);                   \
    }
FOR_EACH_LATE_END(DEFINE_LATE_END)

static const struct late_end {
    struct use opens, late, ends;
} late_ends[] = {
#define LIST_LATE_END(name, ...) \
    {{"open_" #name, open_##name}, {"late_" #name, late_##name}, {"end_" #name, end_##name}},
    FOR_EACH_LATE_END(LIST_LATE_END)};

enum { LATE_ENDS = sizeof late_ends / sizeof late_ends[0] };

Test(late_use, what_is_opened_inside_ends_inside)
{
    static all_map map;
    fill(&map, 3);
    for (size_t i = 0; i < LATE_ENDS; i++) {
        const struct late_end *end = &late_ends[i];
        im_map_with(all_map, value, &map, 1) {
            kept = value;
            end->opens.with(value);
        }
        cr_assert(panics(run_use, &end->late), "%s", end->late.name);
        cr_assert_str_eq(message, "map: the value of key 1 in all_map " FOUND_LATE, "%s", end->late.name);
        cr_assert_str_eq(here.function, end->late.name);
        im_map_with(all_map, value, &map, 1)
            end->ends.with(value);
    }
    end(&map);
}

static void unlock(const void *value)
{
    im_mutex_unlock((const guarded *)value);
}

Test(late_use, to_unlock)
{
    static guarded_map map;
    const guarded *locked = NULL;
    cr_assert_eq(guarded_map_insert(&map, 1, (guarded)IM_MUTEX_INIT(0)), 0);
    im_map_with(guarded_map, value, &map, 1) {
        (void)im_mutex_lock(value);
        locked = value;
    }
    cr_assert(panics(unlock, locked));
    cr_assert_str_eq(message, "map: the value of key 1 in guarded_map " FOUND_LATE);
    cr_assert_str_eq(here.function, "unlock");
    im_map_with(guarded_map, value, &map, 1)
        unlock(value);
    guarded_map_destroy(&map);
}

/* ---- Objects that are none of a map's, and those that take the place of its tables ---- */

Test(late_use, objects_elsewhere_are_free)
{
    static guarded_map maps[8];
    guarded *others[64];
    for (int i = 0; i < 64; i++) {
        cr_assert_eq(guarded_map_insert(&maps[i % 8], i, (guarded)IM_MUTEX_INIT(0)), 0);
        others[i] = calloc(1, sizeof *others[i]);
    }
    for (int i = 0; i < 64; i++)
        cr_assert(!panics(lock_guarded, others[i]), "%s", message);
    for (int i = 0; i < 8; i++)
        guarded_map_destroy(&maps[i]);
    for (int i = 0; i < 64; i++)
        free(others[i]);
}

Test(late_use, tables_come_and_go)
{
    enum { MAPS = 100 };
    static hit_map maps[MAPS];
    const hit_map_value *values[MAPS];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MAPS; i++) {
            cr_assert_eq(hit_map_insert(&maps[i], i, 1), 0);
            im_map_with(hit_map, value, &maps[i], i) {
                hit(value);
                values[i] = value;
            }
        }
        for (int i = 0; i < MAPS; i++) {
            cr_assert(panics(hit, values[i]));
            if (i % 3 == round)
                hit_map_destroy(&maps[i]);
        }
        for (int i = 0; i < MAPS; i++) {
            if (i % 3 != round)
                cr_assert(panics(hit, values[i]));
        }
        for (int i = 0; i < MAPS; i++)
            hit_map_destroy(&maps[i]);
    }
    void *memory[MAPS];
    for (int i = 0; i < MAPS; i++) {
        memory[i] = aligned_alloc(64, 4096);
        for (size_t at = 0; at < 4096; at += sizeof(hit_map_value))
            cr_assert(!panics(hit, memset((char *)memory[i] + at, 0, sizeof(hit_map_value))), "%s", message);
    }
    for (int i = 0; i < MAPS; i++)
        free(memory[i]);
}

/* ---- Checked and plain code together ---- */

Test(late_use, what_plain_code_finds_in_its_section)
{
    static counter_map map;
    const counter_map_value *late = NULL;
    cr_assert_eq(counter_map_insert(&map, 1, 1), 0);
    cr_assert_eq(counter_map_insert(&map, 2, 1), 0);
    im_map_with(counter_map, value, &map, 1)
        late = value;
    const counter_map_value *value = plain_count_find(&map, 1);
    cr_assert_eq(value, late);
    im_atomic_fetch_add(value, 1);
    plain_count_leave(&map);
    counter_map_read_lock(&map);
    im_atomic_fetch_add(plain_count_look(&map, 2), 1);
    counter_map_read_unlock(&map);
    counter_map_destroy(&map);
}

Test(late_use, what_plain_code_found)
{
    static counter_map map;
    cr_assert_eq(counter_map_insert(&map, 1, 1), 0);
    const counter_map_value *value = plain_count_find(&map, 1);
    plain_count_leave(&map);
    cr_assert(panics(hit, value));
    cr_assert_str_eq(message, "map: the value of key 1 in counter_map " FOUND_NOWHERE);
    counter_map_destroy(&map);
}

/* A section that the program opened by itself. */
Test(late_use, in_a_section_of_liburcus)
{
    static hit_map map;
    const hit_map_value *late = NULL;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
    im_map_with(hit_map, value, &map, 1)
        late = value;
    im_rcu_bp_read_lock();
    cr_assert_eq(hit_map_find(&map, 1), late);
    cr_assert(!panics(hit, late), "%s", message);
    im_rcu_bp_read_unlock();
    cr_assert(panics(hit, late));
    hit_map_destroy(&map);
}

/* ---- Signal handlers use what is lock-free, whatever they interrupt ---- */

static const hit_map_value *from_handler;
static volatile sig_atomic_t handled;

static void count_signal(int signal)
{
    (void)signal;
    im_atomic_fetch_add(from_handler, 1);
    handled++;
}

Test(late_use, in_a_signal_handler)
{
    static hit_map map;
    const struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    for (int key = 0; key < 1000; key++)
        cr_assert_eq(hit_map_insert(&map, key, 0), 0);
    cr_assert_eq(hit_map_synchronize(&map), 0); /* no table is copied any more */
    cr_assert(hit_map_try_read_lock(&map));
    from_handler = hit_map_find(&map, 0);
    signal(SIGALRM, count_signal);
    setitimer(ITIMER_REAL, &often, NULL);
    while (handled < 500) {
        for (int key = 1; key < 1000; key++) {
            cr_assert(hit_map_try_read_lock(&map));
            hit(hit_map_find(&map, key));
            hit_map_read_unlock(&map);
        }
    }
    setitimer(ITIMER_REAL, &never, NULL);
    hit_map_read_unlock(&map);
    hit_map_destroy(&map);
}

/* ---- The report as a whole; the last one, since it is in a file of another name ---- */

static sigjmp_buf aborted;

static void go_on(int signal)
{
    (void)signal;
    siglongjmp(aborted, 1);
}

static const hit_map_value *forgotten;

/* clang-format off */
#line 88 "stats.c"
static void look_up(const hit_map *map) { im_map_with(hit_map, n, map, 42) forgotten = n; }
#line 212 "server.c"
static void serve(const hit_map *map) { look_up(map); im_atomic_fetch_add(forgotten, 1); }
/* clang-format on */

Test(late_use, report, .init = cr_redirect_stderr)
{
    static hit_map map;
    char expected[512];
    cr_assert_eq(hit_map_insert(&map, 42, 7), 0);
    signal(SIGABRT, go_on);
    if (sigsetjmp(aborted, 1) == 0)
        serve(&map);
    const long thread = im_sync_thread_number();
    snprintf(expected, sizeof expected,
             "intermut: map: the value of key 42 in hit_map is used after the read section in which it was found\n"
             "  here:   server.c:212 in serve()     thread %ld\n"
             "  found:  stats.c:88   in look_up()   thread %ld\n",
             thread, thread);
    fflush(stderr);
    cr_assert_stderr_eq_str(expected);
    hit_map_destroy(&map);
}
