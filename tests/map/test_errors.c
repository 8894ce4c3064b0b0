/* SPDX-License-Identifier: MIT */
/* Bad input and bad luck: a clear error, and the map as it was. */
#include <criterion/criterion.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/map.h>

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME string_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME counter_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME memb_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_RCU memb
#include <intermut/map.h>

typedef struct {
    char bytes[1 << 16];
} large;
IM_FREEZE(large);
#define IM_MAP_NAME large_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE large
#include <intermut/map.h>

static jmp_buf escape;
static char message[256];

static void remember(const struct im_panic_info *info)
{
    strncpy(message, info->message, sizeof message - 1);
    longjmp(escape, 1);
}

static bool always(const int *value, void *argument)
{
    (void)value, (void)argument;
    return true;
}

static int make_one(int *value, void *argument)
{
    (void)argument;
    *value = 1;
    return 0;
}

static enum im_map_action keep_old(const int *old, int *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    return IM_MAP_KEEP;
}

static int visit_nothing(int key, const int *value, void *argument)
{
    (void)key, (void)value, (void)argument;
    return 0;
}

static bool keep_all(int key, const int *value, void *argument)
{
    (void)key, (void)value, (void)argument;
    return true;
}

static void take_int(int key, int value, void *argument)
{
    (void)key, (void)value, (void)argument;
}

Test(errors, no_map_is_einval)
{
    const int_map *none = NULL;
    const int key = 1;
    int_map_maybe found_by_many = {.some = true};
    int value;
    cr_assert_eq(int_map_get(none, 1, &value), EINVAL);
    cr_assert_eq(int_map_get_many(none, &key, 1, &found_by_many), 0);
    cr_assert(!found_by_many.some);
    cr_assert_eq(int_map_insert(none, 1, 1), EINVAL);
    cr_assert_eq(int_map_put(none, 1, 1, NULL), EINVAL);
    cr_assert_eq(int_map_replace(none, 1, 1, NULL), EINVAL);
    cr_assert_eq(int_map_remove(none, 1, NULL), EINVAL);
    cr_assert_eq(int_map_remove_if(none, 1, always, NULL, NULL), EINVAL);
    cr_assert_eq(int_map_get_or_insert_with(none, 1, make_one, NULL, &value), EINVAL);
    cr_assert_eq(int_map_compute(none, 1, keep_old, NULL), EINVAL);
    cr_assert_eq(int_map_for_each(none, visit_nothing, NULL), EINVAL);
    cr_assert_eq(int_map_reserve(none, 1), EINVAL);
    cr_assert_eq(int_map_synchronize(none), EINVAL);
    cr_assert_eq(int_map_shrink_to_fit(none), EINVAL);
    cr_assert_eq(int_map_retain(none, keep_all, NULL), EINVAL);
    cr_assert_eq(int_map_clear(none), EINVAL);
    cr_assert_eq(int_map_drain(none, take_int, NULL), EINVAL);
    cr_assert(!int_map_contains(none, 1));
    cr_assert_eq(int_map_len(none), 0);
    cr_assert_eq(int_map_stats(none).length, 0);
    cr_assert_eq(int_map_probe_stats(none).keys, 0);
    int_map_cursor cursor = int_map_cursor_open(none);
    cr_assert(!int_map_cursor_next(&cursor));
    int_map_cursor_close(&cursor);
    cr_assert_null(int_map_find(none, 1));
    im_map_with(int_map, found, none, 1)
        cr_assert_fail("found %d", *found);
    im_map_with_or_insert(int_map, found, none, 1, 1)
        cr_assert_fail("found %d", *found);
    int_map_destroy(NULL);
    int_map_init(NULL, NULL);
    int_map_read_lock(none);
    int_map_read_unlock(none);
    counter_map_read_lock(NULL);
    counter_map_read_unlock(NULL);
    cr_assert(counter_map_try_read_lock(NULL));
    counter_map_read_unlock(NULL);
}

Test(errors, a_change_inside_a_read_section_is_edeadlk)
{
    static int_map map;
    int value;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    cr_assert_eq(int_map_insert(&map, 2, 1), EDEADLK);
    cr_assert_eq(int_map_put(&map, 1, 2, NULL), EDEADLK);
    cr_assert_eq(int_map_replace(&map, 1, 2, NULL), EDEADLK);
    cr_assert_eq(int_map_remove(&map, 1, NULL), EDEADLK);
    cr_assert_eq(int_map_remove_if(&map, 1, always, NULL, NULL), EDEADLK);
    cr_assert_eq(int_map_compute(&map, 1, keep_old, NULL), EDEADLK);
    cr_assert_eq(int_map_reserve(&map, 100), EDEADLK);
    cr_assert_eq(int_map_synchronize(&map), EDEADLK);
    cr_assert_eq(int_map_shrink_to_fit(&map), EDEADLK);
    cr_assert_eq(int_map_retain(&map, keep_all, NULL), EDEADLK);
    cr_assert_eq(int_map_clear(&map), EDEADLK);
    cr_assert_eq(int_map_drain(&map, take_int, NULL), EDEADLK);
    cr_assert_eq(int_map_get_or_insert_with(&map, 1, make_one, NULL, &value), 0, "reading is fine");
    cr_assert_eq(int_map_get_or_insert_with(&map, 2, make_one, NULL, &value), EDEADLK);
    int_map_read_unlock(&map);
    cr_assert_eq(int_map_insert(&map, 2, 1), 0);
    int_map_destroy(&map);
}

Test(errors, a_section_of_another_flavour_counts_too)
{
    static int_map map;
    static memb_map other;
    urcu_memb_register_thread();
    memb_map_read_lock(&other);
    cr_assert_eq(int_map_insert(&map, 1, 1), EDEADLK);
    cr_assert_eq(memb_map_insert(&other, 1, 1), EDEADLK);
    memb_map_read_unlock(&other);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    urcu_memb_unregister_thread();
    int_map_destroy(&map);
}

/*
 * A map that is changed by all of its own callbacks. Two maps of its kind, with shards, since a callback that may
 * lock another shard of its map is one that another thread's callback can wait for.
 */
typedef struct {
    int number;
} selfish;
IM_FREEZE(selfish);

static int change_self(void);
static bool changing_self; /* whether callbacks try */
static int self_changes, self_errors;

static uint64_t selfish_hash(int number, uint64_t seed)
{
    (void)change_self();
    return XXH3_64bits_withSeed(&number, sizeof number, seed);
}

static bool selfish_equal(int one, int other)
{
    (void)change_self();
    return one == other;
}

static int selfish_own(selfish *key, int number)
{
    (void)change_self();
    *key = (selfish){number};
    return 0;
}

#define IM_MAP_NAME selfish_map
#define IM_MAP_KEY selfish
#define IM_MAP_QUERY int
#define IM_MAP_QUERY_OF(key) ((key)->number)
#define IM_MAP_HASH(query, seed) selfish_hash(query, seed)
#define IM_MAP_EQ(a, b) selfish_equal(a, b)
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), selfish_own(key, query))
#define IM_MAP_DROP_KEY(key, allocator) ((void)(key), (void)change_self())
#define IM_MAP_VALUE int
#define IM_MAP_DROP_VALUE(value) ((void)(value), (void)change_self())
#include <intermut/map.h>

static selfish_map self;

/* 0 when a change was refused, as it should be, in each of its forms. */
static int change_self(void)
{
    if (!changing_self)
        return 0;
    changing_self = false;
    self_changes++;
    for (int key = 1000; key < 1100; key += 10)
        self_errors += selfish_map_insert(&self, key, 0) != EDEADLK;
    int value;
    self_errors += selfish_map_put(&self, 1, 0, NULL) != EDEADLK;
    self_errors += selfish_map_replace(&self, 1, 0, NULL) != EDEADLK;
    self_errors += selfish_map_remove(&self, 1, NULL) != EDEADLK;
    self_errors += selfish_map_remove_if(&self, 1, always, NULL, NULL) != EDEADLK;
    self_errors += selfish_map_compute(&self, 1, keep_old, NULL) != EDEADLK;
    self_errors += selfish_map_get_or_insert_with(&self, -1, make_one, NULL, &value) != EDEADLK;
    self_errors += selfish_map_retain(&self, keep_all, NULL) != EDEADLK;
    self_errors += selfish_map_drain(&self, take_int, NULL) != EDEADLK;
    self_errors += selfish_map_reserve(&self, 1) != EDEADLK;
    self_errors += selfish_map_clear(&self) != EDEADLK;
    self_errors += selfish_map_shrink_to_fit(&self) != EDEADLK;
    self_errors += selfish_map_synchronize(&self) != EDEADLK;
    changing_self = true;
    return self_errors;
}

static int make_selfish(int *value, void *argument)
{
    (void)argument;
    *value = 1;
    return change_self();
}

static bool when_selfish(const int *value, void *argument)
{
    (void)value, (void)argument;
    (void)change_self();
    return true;
}

static enum im_map_action compute_selfish(const int *old, int *value, void *argument)
{
    (void)argument;
    *value = old ? *old + 1 : 1;
    (void)change_self();
    return IM_MAP_STORE;
}

static bool keep_even(int key, const int *value, void *argument)
{
    (void)value, (void)argument;
    (void)change_self();
    return key % 2 == 0;
}

static void take_selfish(int key, int value, void *argument)
{
    (void)key, (void)value, (void)argument;
    (void)change_self();
}

static int visit_selfish(int key, const int *value, void *argument)
{
    (void)key, (void)value, (void)argument;
    return change_self();
}

static void calls_back(int error)
{
    static int seen;
    cr_assert_eq(error, 0);
    cr_assert_gt(self_changes, seen, "it called nobody");
    seen = self_changes;
}

/* Every operation, on `key` and on the whole map; each must call back, and be refused nothing. */
static void run_selfish(int key)
{
    int value;
    calls_back(selfish_map_insert(&self, key, 1));
    calls_back(selfish_map_put(&self, key, 2, NULL));
    calls_back(selfish_map_replace(&self, key, 3, NULL));
    calls_back(selfish_map_get(&self, key, &value));
    calls_back(selfish_map_compute(&self, key, compute_selfish, NULL));
    calls_back(selfish_map_remove_if(&self, key, when_selfish, NULL, NULL));
    calls_back(selfish_map_get_or_insert_with(&self, key, make_selfish, NULL, &value));
    calls_back(selfish_map_for_each(&self, visit_selfish, NULL));
    calls_back(selfish_map_synchronize(&self));
    calls_back(selfish_map_remove(&self, key, NULL));
    calls_back(selfish_map_insert(&self, key, 1));
}

Test(errors, a_change_from_any_callback_is_edeadlk)
{
    for (unsigned shards = 1; shards <= 16; shards *= 16) {
        selfish_map_init(&self, &(struct im_map_options){.shards = shards});
        changing_self = true;
        for (int key = 0; key < 100; key++)
            run_selfish(key);
        cr_assert_eq(selfish_map_retain(&self, keep_even, NULL), 0);
        cr_assert_eq(selfish_map_len(&self), 50);
        cr_assert_eq(selfish_map_drain(&self, take_selfish, NULL), 0);
        cr_assert_eq(selfish_map_len(&self), 0);
        run_selfish(1);
        cr_assert_eq(selfish_map_clear(&self), 0);
        cr_assert_eq(selfish_map_insert(&self, 1, 1), 0);
        selfish_map_destroy(&self);
        changing_self = false;
        cr_assert_eq(self_errors, 0);
    }
}

/* A callback may change other maps, up to a depth. */
static int_map nested[IM_SYNC_NESTING + 1];

static int make_nested(int *value, void *argument)
{
    int depth = *(int *)argument + 1;
    *value = depth;
    return depth <= IM_SYNC_NESTING ? int_map_get_or_insert_with(&nested[depth], 1, make_nested, &depth, value) : 0;
}

Test(errors, changes_of_too_many_maps_at_once_are_edeadlk)
{
    int depth = 0, value;
    cr_assert_eq(int_map_get_or_insert_with(&nested[0], 1, make_nested, &depth, &value), EDEADLK);
    depth = 1;
    cr_assert_eq(int_map_get_or_insert_with(&nested[1], 1, make_nested, &depth, &value), 0);
    cr_assert_eq(value, IM_SYNC_NESTING + 1);
    for (int i = 0; i <= IM_SYNC_NESTING; i++) {
        cr_assert_eq(int_map_len(&nested[i]), i != 0);
        int_map_destroy(&nested[i]);
    }
}

static counter_map self_waiting;

static enum im_map_action open_section(const int *old, int *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    counter_map_read_lock(&self_waiting);
    return IM_MAP_KEEP;
}

Test(errors, a_section_from_a_callback_that_stopped_changes_panics)
{
    im_panic_set_handler(remember);
    cr_assert_eq(counter_map_insert(&self_waiting, 1, 1), 0);
    if (setjmp(escape) == 0) {
        (void)counter_map_compute(&self_waiting, 1, open_section, NULL);
        cr_assert_fail("should have panicked");
    }
    cr_assert_not_null(strstr(message, "opened in a callback of its own change"), "%s", message);
}

Test(errors, stats_may_be_read_inside_a_section)
{
    static int_map map;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    cr_assert_eq(int_map_stats(&map).length, 1);
    cr_assert_gt(int_map_stats(&map).bytes, 0);
    int_map_read_unlock(&map);
    int_map_destroy(&map);
}

Test(errors, sizes_without_a_number_are_eoverflow)
{
    static int_map map;
    static large_map larges;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX), EOVERFLOW);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX - 1), EOVERFLOW);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX / 2), EOVERFLOW);
    cr_assert_eq(large_map_reserve(&larges, SIZE_MAX >> 15), EOVERFLOW);
    errno = 77;
    cr_assert_eq(large_map_reserve(&larges, (size_t)1 << 40), ENOMEM, "no machine has that");
    cr_assert_eq(errno, 77, "errno is left alone");
    cr_assert_eq(int_map_len(&map), 1);
    cr_assert_eq(large_map_stats(&larges).bytes, 0);
    int_map_destroy(&map);
}

#if IM_ADDRESS_SANITIZER
/* Sizes that no machine has are NULL here too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
#endif

/* An allocator that fails at the n-th request and counts what it gave. */
struct failing {
    int until_failure;
    long outstanding;
};

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    struct failing *failing = context;
    if (failing->until_failure-- == 0)
        return NULL;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes))
        return NULL;
    failing->outstanding++;
    return memory;
}

static void release(void *context, void *memory, size_t bytes)
{
    struct failing *failing = context;
    (void)bytes;
    failing->outstanding--;
    free(memory);
}

/* ---- Every allocation fails once ---- */

enum { SCRIPT_KEYS = 40 };

struct script {
    string_map map;
    bool there[SCRIPT_KEYS];
    int value[SCRIPT_KEYS];
    size_t taken;
    int failures;
};

static struct im_slice key_text(char buffer[64], int number)
{
    snprintf(buffer, 64, "a key that is not inline, number %d", number);
    return im_slice_of(buffer);
}

/* The map is what the script knows, by get, by len and by a walk. */
static int check_element(struct im_slice key, const int *value, void *argument)
{
    const struct script *script = argument;
    int number = 0;
    for (size_t i = 0; i < key.length; i++)
        number = key.bytes[i] >= '0' && key.bytes[i] <= '9' ? 10 * number + key.bytes[i] - '0' : 0;
    cr_assert(number < SCRIPT_KEYS && script->there[number] && script->value[number] == *value);
    return 0;
}

static void check_script(struct script *script)
{
    size_t length = 0;
    char text[64];
    for (int i = 0; i < SCRIPT_KEYS; i++) {
        int value, error = string_map_get(&script->map, key_text(text, i), &value);
        cr_assert_eq(error, script->there[i] ? 0 : ENOENT);
        cr_assert(error || value == script->value[i]);
        length += script->there[i];
    }
    cr_assert_eq(string_map_len(&script->map), length);
    cr_assert_eq(string_map_for_each(&script->map, check_element, script), 0);
}

static void set(struct script *script, int number, int value)
{
    script->there[number] = true;
    script->value[number] = value;
}

/* Whether a step was made; if there was no memory for it the map is as before, and it will work when repeated. */
static bool made(struct script *script, int error)
{
    cr_assert(error == 0 || error == ENOMEM, "error %d", error);
    if (error) {
        script->failures++;
        check_script(script);
    }
    return error == 0;
}

static enum im_map_action add_ten(const int *old, int *value, void *argument)
{
    (void)argument;
    *value = (old ? *old : 0) + 10;
    return IM_MAP_STORE;
}

static bool is_below_twenty(struct im_slice key, const int *value, void *argument)
{
    (void)key;
    return *value % 100 < *(const int *)argument;
}

static bool is_even(const int *value, void *argument)
{
    (void)argument;
    return *value % 2 == 0;
}

static void take_element(struct im_slice key, int value, void *argument)
{
    (void)check_element(key, &value, argument);
    ((struct script *)argument)->taken++;
}

/* What comes back is what was there; after an error, nothing. */
static void put_for_old(struct script *script, struct im_slice key, int number, int value)
{
    string_map_maybe old = {.some = true, .value = -1};
    const bool was_there = script->there[number];
    if (!made(script, string_map_put(&script->map, key, value, &old))) {
        cr_assert(old.some && old.value == -1, "written in spite of an error");
        return;
    }
    cr_assert_eq(old.some, was_there);
    cr_assert(!was_there || old.value == script->value[number]);
    set(script, number, value);
}

static void replace_for_old(struct script *script, struct im_slice key, int number, int value)
{
    int old = -1;
    if (!script->there[number]) {
        cr_assert_eq(string_map_replace(&script->map, key, value, &old), ENOENT);
        cr_assert_eq(old, -1);
    } else if (!made(script, string_map_replace(&script->map, key, value, &old))) {
        cr_assert_eq(old, -1, "written in spite of an error");
    } else {
        cr_assert_eq(old, script->value[number]);
        set(script, number, value);
    }
}

/* Removals need no memory. */
static void remove_for_old(struct script *script, struct im_slice key, int number, bool if_even)
{
    const bool was_there = script->there[number];
    const bool takes = was_there && (!if_even || script->value[number] % 2 == 0);
    int old = -1;
    const int error = if_even ? string_map_remove_if(&script->map, key, is_even, NULL, &old)
                              : string_map_remove(&script->map, key, &old);
    cr_assert_eq(error, takes ? 0 : was_there ? ECANCELED : ENOENT);
    cr_assert_eq(old, takes ? script->value[number] : -1);
    script->there[number] = was_there && !takes;
}

static void drain_script(struct script *script)
{
    const size_t length = string_map_len(&script->map);
    script->taken = 0;
    cr_assert_eq(string_map_drain(&script->map, take_element, script), 0);
    cr_assert_eq(script->taken, length);
    memset(script->there, 0, sizeof script->there);
}

static void script_step(struct script *script, int step)
{
    const string_map *map = &script->map;
    const int number = step * 7 % SCRIPT_KEYS, limit = 20;
    char text[64];
    struct im_slice key = key_text(text, number);
    int value;
    switch (step % 13) {
    case 0:
    case 1:
        if (!script->there[number] && made(script, string_map_insert(map, key, step)))
            set(script, number, step);
        break;
    case 2:
    case 3:
        if (made(script, string_map_put(map, key, step, NULL)))
            set(script, number, step);
        break;
    case 4:
        if (script->there[number] && made(script, string_map_replace(map, key, step, NULL)))
            set(script, number, step);
        break;
    case 5:
        if (made(script, string_map_compute(map, key, add_ten, NULL)))
            set(script, number, (script->there[number] ? script->value[number] : 0) + 10);
        break;
    case 6:
        if (made(script, string_map_get_or_insert_with(map, key, make_one, NULL, &value)) && !script->there[number])
            set(script, number, 1);
        break;
    case 7:
        cr_assert_eq(string_map_remove(map, key, NULL), script->there[number] ? 0 : ENOENT);
        script->there[number] = false;
        break;
    case 8:
        put_for_old(script, key, number, step);
        break;
    case 9:
        replace_for_old(script, key, number, step);
        break;
    case 10:
        remove_for_old(script, key, number, step % 2);
        break;
    case 11:
        (void)made(script, string_map_synchronize(map));
        if (step % 8 == 0)
            drain_script(script);
        break;
    default:
        (void)made(script, step % 2 ? string_map_reserve(map, (size_t)step) : string_map_shrink_to_fit(map));
        if (step % 5 == 0) {
            cr_assert_eq(string_map_retain(map, is_below_twenty, (void *)(uintptr_t)&limit), 0);
            for (int i = 0; i < SCRIPT_KEYS; i++)
                script->there[i] = script->there[i] && script->value[i] % 100 < limit;
        }
    }
}

/* Whether the n-th allocation of the script was reached, and failed. */
static bool run_with_failure_at(int nth, unsigned shards)
{
    struct failing failing = {.until_failure = nth};
    const struct im_allocator allocator = {allocate, release, &failing};
    static struct script script;
    memset(&script, 0, sizeof script);
    string_map_init(&script.map, &(struct im_map_options){.allocator = &allocator, .shards = shards});
    for (int step = 0; step < 400; step++) {
        /* The map would be split by size or by contention later: here in the middle. */
        if (step == 200 && shards == 0) {
            script.map.raw.wanted_shards = 4;
            (void)made(&script, string_map_reserve(&script.map, 1));
        }
        script_step(&script, step);
    }
    check_script(&script);
    cr_assert_eq(string_map_clear(&script.map), 0);
    string_map_destroy(&script.map);
    cr_assert_eq(failing.outstanding, 0, "failure at %d leaks", nth);
    cr_assert_leq(script.failures, 1);
    return failing.until_failure < 0;
}

Test(errors, every_allocation_may_fail)
{
    for (unsigned shards = 0; shards <= 2; shards++) {
        int nth = 0;
        while (run_with_failure_at(nth, shards))
            nth++;
        cr_assert_gt(nth, 100, "only %d allocations", nth);
    }
}

Test(errors, init_keeps_its_allocator_through_destroy)
{
    struct failing failing = {.until_failure = 1000};
    const struct im_allocator allocator = {allocate, release, &failing};
    int_map map;
    int_map_init(&map, &(struct im_map_options){.allocator = &allocator});
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_destroy(&map);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    cr_assert_eq(failing.outstanding, 1);
    int_map_destroy(&map);
    cr_assert_eq(failing.outstanding, 0);
    int_map_init(&map, NULL);
    cr_assert_eq(int_map_len(&map), 0);
}

Test(errors, a_section_with_atomic_values_inside_another_panics)
{
    static counter_map map;
    static int_map other;
    im_panic_set_handler(remember);
    int_map_read_lock(&other);
    if (setjmp(escape) == 0) {
        counter_map_read_lock(&map);
        cr_assert_fail("should have panicked");
    }
    cr_assert_not_null(strstr(message, "read section of a counter_map opened inside a read section"), "%s", message);
    cr_assert(counter_map_try_read_lock(&map), "the try_ form does not wait, so it may");
    counter_map_read_unlock(&map);
    int_map_read_unlock(&other);
}

Test(errors, destroy_inside_a_section_panics)
{
    static int_map map;
    im_panic_set_handler(remember);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    if (setjmp(escape) == 0) {
        int_map_destroy(&map);
        cr_assert_fail("should have panicked");
    }
    int_map_read_unlock(&map);
    cr_assert_str_eq(message, "map: int_map destroyed inside a read section or by its own callback");
    int_map_destroy(&map);
}
