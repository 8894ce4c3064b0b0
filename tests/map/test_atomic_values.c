/* SPDX-License-Identifier: MIT */
/* Row M6 in one thread: values that are im_atomic, inline in the table. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <intermut/map.h>

#define IM_MAP_NAME hit_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

#define IM_MAP_NAME byte_map
#define IM_MAP_KEY uint16_t
#define IM_MAP_ATOMIC_VALUE uint8_t
#include <intermut/map.h>

static void hit(const hit_map *map, const char *page)
{
    im_map_with_or_insert(hit_map, n, map, im_slice_of(page), 0)
        im_atomic_fetch_add(n, 1);
    else
        cr_assert_fail("out of memory");
}

Test(atomic_values, change_in_place)
{
    static hit_map map;
    uint64_t hits;
    hit(&map, "/index"), hit(&map, "/news"), hit(&map, "/index");
    cr_assert_eq(hit_map_get(&map, im_slice_of("/index"), &hits), 0);
    cr_assert_eq(hits, 2);
    hit_map_read_lock(&map);
    im_atomic_fetch_add(hit_map_find(&map, im_slice_of("/news")), 10);
    hit_map_read_unlock(&map);
    cr_assert_eq(hit_map_get(&map, im_slice_of("/news"), &hits), 0);
    cr_assert_eq(hits, 11);
    hit_map_destroy(&map);
}

Test(atomic_values, lie_inline_in_the_table)
{
    static byte_map map;
    cr_assert_eq(byte_map_insert(&map, 1, 7), 0);
    struct im_map_stats stats = byte_map_stats(&map);
    cr_assert_leq(stats.bytes, 16 * (4 + 1) + 512, "%zu bytes", stats.bytes);
    byte_map_destroy(&map);
}

Test(atomic_values, survive_growth)
{
    static byte_map map;
    uint8_t value;
    for (uint32_t key = 0; key < 65536; key++)
        cr_assert_eq(byte_map_insert(&map, (uint16_t)key, (uint8_t)key), 0);
    for (uint32_t key = 0; key < 65536; key++) {
        cr_assert_eq(byte_map_get(&map, (uint16_t)key, &value), 0);
        cr_assert_eq(value, (uint8_t)key);
    }
    cr_assert_gt(byte_map_stats(&map).growths, 10);
    cr_assert_gt(byte_map_stats(&map).longest_pause_ns, 0);
    byte_map_destroy(&map);
}

static bool is_two(const uint8_t *value, void *argument)
{
    (void)argument;
    return *value == 2;
}

static enum im_map_action increment(const uint8_t *old, uint8_t *value, void *argument)
{
    (void)argument;
    *value = old ? (uint8_t)(*old + 1) : 1;
    return *value == 4 ? IM_MAP_REMOVE : IM_MAP_STORE;
}

Test(atomic_values, have_the_whole_api)
{
    static byte_map map;
    byte_map_maybe old;
    uint8_t value;
    cr_assert_eq(byte_map_put(&map, 1, 1, &old), 0);
    cr_assert(!old.some);
    cr_assert_eq(byte_map_put(&map, 1, 2, &old), 0);
    cr_assert(old.some);
    cr_assert_eq(old.value, 1);
    cr_assert_eq(byte_map_stats(&map).retired, 0, "replaced in place");
    cr_assert_eq(byte_map_replace(&map, 1, 3, &value), 0);
    cr_assert_eq(value, 2);
    cr_assert_eq(byte_map_remove_if(&map, 1, is_two, NULL, &value), ECANCELED);
    cr_assert_eq(byte_map_replace(&map, 1, 2, NULL), 0);
    cr_assert_eq(byte_map_remove_if(&map, 1, is_two, NULL, &value), 0);
    cr_assert_eq(value, 2);
    for (uint8_t n = 1; n <= 3; n++) {
        cr_assert_eq(byte_map_compute(&map, 1, increment, NULL), 0);
        cr_assert_eq(byte_map_get(&map, 1, &value), 0);
        cr_assert_eq(value, n);
    }
    cr_assert_eq(byte_map_compute(&map, 1, increment, NULL), 0);
    cr_assert(!byte_map_contains(&map, 1));
    cr_assert_eq(byte_map_insert(&map, 1, 9), 0);
    cr_assert_eq(byte_map_remove(&map, 1, &value), 0);
    cr_assert_eq(value, 9);

    im_map_with(byte_map, found, &map, 1)
        cr_assert_fail("found %d", im_atomic_load(found));
    hit_map none = {0};
    hit_map_destroy(&none);
    byte_map_destroy(&map);
}

static int add(uint16_t key, const uint8_t *value, void *argument)
{
    (void)key;
    *(unsigned *)argument += *value;
    return 0;
}

Test(atomic_values, for_each_gives_plain_values)
{
    static byte_map map;
    unsigned sum = 0;
    for (uint16_t key = 1; key <= 100; key++)
        cr_assert_eq(byte_map_insert(&map, key, (uint8_t)key), 0);
    byte_map_for_each(&map, add, &sum);
    cr_assert_eq(sum, 5050);
    byte_map_destroy(&map);
}

/* Values of 16, 24 and 64 bytes: two words of the machine, and under a lock of im_atomic's own. */
typedef struct {
    uint64_t sum, count;
} mean;

typedef struct {
    uint64_t first, last, count;
} span;

typedef struct {
    uint64_t buckets[8];
} histogram;

#define IM_MAP_NAME mean_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_ATOMIC_VALUE mean
#include <intermut/map.h>

#define IM_MAP_NAME span_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_ATOMIC_VALUE span
#include <intermut/map.h>

#define IM_MAP_NAME histogram_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_ATOMIC_VALUE histogram
#include <intermut/map.h>

enum { WIDE_KEYS = 3000 };

Test(atomic_values, of_16_bytes)
{
    static mean_map map;
    mean seen;
    for (uint32_t i = 0; i < 2 * WIDE_KEYS; i++) {
        im_map_with_or_insert(mean_map, m, &map, i % WIDE_KEYS, (mean){0})
            im_atomic_fetch_update(m, old, (mean){old.sum + i, old.count + 1});
    }
    for (uint32_t key = 0; key < WIDE_KEYS; key++) {
        cr_assert_eq(mean_map_get(&map, key, &seen), 0);
        cr_assert_eq(seen.sum, 2 * key + WIDE_KEYS);
        cr_assert_eq(seen.count, 2);
    }
    cr_assert_eq(mean_map_put(&map, 1, (mean){3, 4}, NULL), 0);
    cr_assert_eq(mean_map_remove(&map, 1, &seen), 0);
    cr_assert_eq(seen.sum + seen.count, 7);
    mean_map_destroy(&map);
}

Test(atomic_values, of_24_bytes)
{
    static span_map map;
    span seen;
    for (uint32_t i = 0; i < 2 * WIDE_KEYS; i++) {
        im_map_with_or_insert(span_map, s, &map, i % WIDE_KEYS, (span){.first = i})
            im_atomic_fetch_update(s, old, (span){old.first, i, old.count + 1});
    }
    for (uint32_t key = 0; key < WIDE_KEYS; key++) {
        cr_assert_eq(span_map_get(&map, key, &seen), 0);
        cr_assert_eq(seen.first, key);
        cr_assert_eq(seen.last, key + WIDE_KEYS);
        cr_assert_eq(seen.count, 2);
    }
    span_map_destroy(&map);
}

static int sum_buckets(uint32_t key, const histogram *value, void *argument)
{
    *(uint64_t *)argument += value->buckets[key % 8];
    return 0;
}

Test(atomic_values, of_64_bytes)
{
    static histogram_map map;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < 2 * WIDE_KEYS; i++) {
        im_map_with_or_insert(histogram_map, h, &map, i % WIDE_KEYS, (histogram){0})
            im_atomic_fetch_update(h, old, ({
                                       old.buckets[i % WIDE_KEYS % 8]++;
                                       old;
                                   }));
    }
    cr_assert_eq(histogram_map_for_each(&map, sum_buckets, &sum), 0);
    cr_assert_eq(sum, 2 * WIDE_KEYS);
    histogram_map_destroy(&map);
}

/* ---- fork() while the map's thread is at work ---- */

enum { KEYS_AT_FORK = 10, KEYS_IN_CHILD = 3000 };

static bool counts_in_child(const mean_map *map, uint32_t keys)
{
    mean seen;
    for (uint32_t key = 0; key < KEYS_IN_CHILD; key++) {
        im_map_with_or_insert(mean_map, m, map, key, (mean){0})
            im_atomic_fetch_update(m, old, (mean){old.sum + key, old.count + 1});
    }
    for (uint32_t key = 0; key < KEYS_IN_CHILD; key++) {
        if (mean_map_get(map, key, &seen) != 0 || seen.sum != key || seen.count != 1)
            return false;
    }
    return mean_map_len(map) == (keys > KEYS_IN_CHILD ? keys : KEYS_IN_CHILD);
}

static mean_map forked;
static im_atomic(bool) is_inside, may_leave;

static void *stay_inside(void *argument)
{
    (void)argument;
    im_map_with(mean_map, m, &forked, 0) {
        im_atomic_store(&is_inside, true);
        while (!im_atomic_load(&may_leave))
            im_sync_yield();
    }
    return NULL;
}

static void let_reader_leave(void)
{
    im_atomic_store(&may_leave, true);
}

static void insert_for_fork(uint32_t first, uint32_t end)
{
    for (uint32_t key = first; key < end; key++)
        cr_assert_eq(mean_map_insert(&forked, key, (mean){0}), 0);
}

/* Its thread is in the middle of a grace period, with liburcu's lock held: the fork waits until that is over. */
Test(atomic_values, a_child_of_a_fork_goes_on)
{
    pthread_t reader;
    int status = -1;
    insert_for_fork(0, 2 * KEYS_AT_FORK);
    pthread_atfork(let_reader_leave, NULL, NULL); /* before the library waits, which has said so before */
    mean_map_destroy(&forked);
    insert_for_fork(0, KEYS_AT_FORK);
    pthread_create(&reader, NULL, stay_inside, NULL);
    while (!im_atomic_load(&is_inside))
        im_sync_yield();
    insert_for_fork(KEYS_AT_FORK, 2 * KEYS_AT_FORK);
    while (mean_map_try_read_lock(&forked)) {
        mean_map_read_unlock(&forked);
        im_sync_yield();
    }
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        const bool is_good = counts_in_child(&forked, 2 * KEYS_AT_FORK);
        mean_map_destroy(&forked);
        _exit(is_good ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    pthread_join(reader, NULL);
    mean_map_destroy(&forked);
}

static im_atomic(bool) is_reading, may_stop_reading;

static void *read_another_map(void *argument)
{
    static byte_map map;
    byte_map_read_lock(&map);
    im_atomic_store(&is_reading, true);
    while (!im_atomic_load(&may_stop_reading))
        im_sync_yield();
    byte_map_read_unlock(&map);
    return argument;
}

/* By liburcu's own means: or the child would wait for a reader that it does not have. */
Test(atomic_values, a_child_forgets_the_readers_of_its_parent)
{
    static byte_map map;
    pthread_t reader;
    int status = -1;
    pthread_create(&reader, NULL, read_another_map, NULL);
    while (!im_atomic_load(&is_reading))
        im_sync_yield();
    urcu_bp_before_fork();
    pid_t child = fork();
    if (child == 0) {
        urcu_bp_after_fork_child();
        _exit(byte_map_insert(&map, 1, 1) || byte_map_remove(&map, 1, NULL) || byte_map_synchronize(&map));
    }
    urcu_bp_after_fork_parent();
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    im_atomic_store(&may_stop_reading, true);
    pthread_join(reader, NULL);
    byte_map_destroy(&map);
}

/* ---- A callback that waits for one who waits until values may be changed ---- */

static struct {
    byte_map map;
    im_atomic(bool) is_inside, may_leave, is_making, has_changed, has_no_patience;
} circle;

static void *hold_a_section(void *argument)
{
    byte_map_read_lock(&circle.map);
    im_atomic_store(&circle.is_inside, true);
    while (!im_atomic_load(&circle.may_leave))
        im_sync_yield();
    byte_map_read_unlock(&circle.map);
    return argument;
}

static void *change_during_make(void *argument)
{
    while (!im_atomic_load(&circle.is_making))
        im_sync_yield();
    const uint64_t until_ns = im_sync_now_ns() + UINT64_C(20000000000);
    while (!byte_map_try_read_lock(&circle.map)) {
        if (im_sync_now_ns() > until_ns) {
            im_atomic_store(&circle.has_no_patience, true);
            return argument;
        }
        im_sync_yield();
    }
    byte_map_read_unlock(&circle.map);
    im_atomic_store(&circle.has_changed, true);
    return argument;
}

static int make_after_a_change(uint8_t *value, void *argument)
{
    (void)argument;
    im_atomic_store(&circle.is_making, true);
    im_atomic_store(&circle.may_leave, true);
    while (!im_atomic_load(&circle.has_changed) && !im_atomic_load(&circle.has_no_patience))
        im_sync_yield();
    *value = 77;
    return 0;
}

Test(atomic_values, a_callback_may_wait_for_who_changes_values_while_a_shard_grows)
{
    pthread_t inside, changer;
    uint8_t value = 0;
    byte_map_init(&circle.map, &(struct im_map_options){.shards = 1});
    for (uint16_t key = 0; key < 14; key++)
        cr_assert_eq(byte_map_insert(&circle.map, key, 1), 0);
    pthread_create(&inside, NULL, hold_a_section, NULL);
    while (!im_atomic_load(&circle.is_inside))
        im_sync_yield();
    cr_assert_eq(byte_map_insert(&circle.map, 14, 1), 0);
    /* The growth has announced itself, and waits for who is inside. */
    while (byte_map_try_read_lock(&circle.map)) {
        byte_map_read_unlock(&circle.map);
        im_sync_yield();
    }
    pthread_create(&changer, NULL, change_during_make, NULL);
    cr_assert_eq(byte_map_get_or_insert_with(&circle.map, 100, make_after_a_change, NULL, &value), 0);
    cr_assert(im_atomic_load(&circle.has_changed), "values were not to be changed as long as a callback had the shard");
    cr_assert_eq(value, 77);
    /* The helper, which passed the shard over, finishes it later. */
    while (im_sync_load(&circle.map.raw.first.newest, memory_order_relaxed))
        im_sync_yield();
    pthread_join(inside, NULL);
    pthread_join(changer, NULL);
    byte_map_destroy(&circle.map);
}

Test(atomic_values, an_emptied_map_gives_its_memory_back)
{
    static byte_map map;
    byte_map_init(&map, &(struct im_map_options){.shards = 1});
    for (int round = 0; round < 5; round++) {
        for (uint16_t key = 0; key < 20000; key++)
            cr_assert_eq(byte_map_insert(&map, key, 1), 0);
        for (uint16_t key = 0; key < 20000; key++)
            cr_assert_eq(byte_map_remove(&map, key, NULL), 0);
        /* Each time the table gets four times smaller; the map's thread may begin with the next time after the look. */
        struct im_map_stats stats;
        unsigned times = 0;
        do {
            cr_assert_eq(byte_map_synchronize(&map), 0);
            stats = byte_map_stats(&map);
        } while ((stats.bytes > 256 * (4 + 1) + 2048 || stats.left_behind_bytes > 0) && ++times < 8);
        cr_assert_leq(stats.bytes, 256 * (4 + 1) + 2048, "%zu bytes", stats.bytes);
        cr_assert_eq(stats.left_behind_bytes, 0);
    }
    byte_map_destroy(&map);
}
