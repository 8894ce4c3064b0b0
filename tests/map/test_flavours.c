/* SPDX-License-Identifier: MIT */
/* Row M9: the same map under each flavour of read-copy-update, read by threads while it grows and shrinks. */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/map.h>

#define IM_MAP_NAME bp_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

#define IM_MAP_NAME memb_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#define IM_MAP_RCU memb
#include <intermut/map.h>

#define IM_MAP_NAME qsbr_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#define IM_MAP_RCU qsbr
#include <intermut/map.h>

static void nothing(void)
{
}

enum { THREADS = 3, KEYS = 10000 };

/* All at once: a writer that waits for the lock must not keep the one that has it waiting for a grace period. */
static pthread_barrier_t start;

/* Each thread counts on all keys, and inserts and removes some of its own; writers and readers are the same threads. */
#define FLAVOUR_TEST(flavour, register_thread, quiescent_state, unregister_thread)                                   \
    static void *flavour##_work(void *argument)                                                                      \
    {                                                                                                                \
        static flavour##_map shared;                                                                                 \
        const uint64_t own = ((uint64_t)(uintptr_t)argument + 1) << 32;                                              \
        if (!argument) {                                                                                             \
            register_thread();                                                                                       \
            uint64_t sum = 0, value;                                                                                 \
            for (uint64_t key = 0; key < KEYS; key++)                                                                \
                sum += flavour##_map_get(&shared, key, &value) == 0 ? value : 0;                                     \
            flavour##_map_destroy(&shared);                                                                          \
            unregister_thread();                                                                                     \
            return (void *)(uintptr_t)sum;                                                                           \
        }                                                                                                            \
        register_thread();                                                                                           \
        pthread_barrier_wait(&start);                                                                                \
        for (uint64_t key = 0; key < KEYS; key++) {                                                                  \
            im_map_with_or_insert(flavour##_map, n, &shared, key, 0)                                                 \
                im_atomic_fetch_add(n, 1);                                                                           \
            quiescent_state();                                                                                       \
            if (flavour##_map_insert(&shared, own + key, key) != 0 || !flavour##_map_contains(&shared, own + key) || \
                flavour##_map_remove(&shared, own + key, NULL) != 0)                                                 \
                break;                                                                                               \
        }                                                                                                            \
        unregister_thread();                                                                                         \
        return NULL;                                                                                                 \
    }                                                                                                                \
                                                                                                                     \
    Test(flavours, flavour)                                                                                          \
    {                                                                                                                \
        pthread_t threads[THREADS];                                                                                  \
        pthread_barrier_init(&start, NULL, THREADS);                                                                 \
        for (uintptr_t i = 0; i < THREADS; i++)                                                                      \
            pthread_create(&threads[i], NULL, flavour##_work, (void *)(i + 1));                                      \
        for (int i = 0; i < THREADS; i++)                                                                            \
            pthread_join(threads[i], NULL);                                                                          \
        cr_assert_eq((uintptr_t)flavour##_work(NULL), THREADS *KEYS);                                                \
    }

/* Keys are compared by the program's code, inside of the lookup's section; it may look up something itself. */
static bp_map other;
static bool looks_up;
static unsigned compared;

static bool compare(uint64_t a, uint64_t b)
{
    if (looks_up) {
        compared++;
        cr_assert(im_rcu_bp.in_section());
        cr_assert(bp_map_contains(&other, 1));
        cr_assert(im_rcu_bp.in_section());
    }
    return a == b;
}

#define IM_MAP_NAME compared_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE uint64_t
#define IM_MAP_EQ(a, b) compare(a, b)
#include <intermut/map.h>

Test(flavours, lookups_leave_sections_as_they_were)
{
    static compared_map map;
    uint64_t value;
    cr_assert_eq(bp_map_insert(&other, 1, 1), 0);
    cr_assert_eq(compared_map_insert(&map, 1, 1), 0);
    looks_up = true;
    cr_assert_eq(compared_map_get(&map, 1, &value), 0);
    cr_assert(!im_rcu_bp.in_section());
    compared_map_read_lock(&map);
    cr_assert(compared_map_contains(&map, 1));
    cr_assert(im_rcu_bp.in_section());
    compared_map_read_unlock(&map);
    cr_assert(!im_rcu_bp.in_section());
    cr_assert_eq(compared, 2);
    looks_up = false;
    cr_assert_eq(compared_map_synchronize(&map), 0);
    compared_map_destroy(&map);
    bp_map_destroy(&other);
}

/* liburcu counts no sections under qsbr: the map does. */
Test(flavours, qsbr_sections_are_known)
{
    static qsbr_map map;
    urcu_qsbr_register_thread();
    cr_assert_eq(qsbr_map_insert(&map, 1, 1), 0);
    cr_assert(qsbr_map_try_read_lock(&map));
    cr_assert_eq(qsbr_map_insert(&map, 2, 1), EDEADLK);
    qsbr_map_read_unlock(&map);
    cr_assert_eq(qsbr_map_insert(&map, 2, 1), 0);
    qsbr_map_destroy(&map);
    urcu_qsbr_unregister_thread();
}

static qsbr_map busy_map;
static uint32_t stop_changing;

static void *only_put(void *argument)
{
    urcu_qsbr_register_thread();
    /* Neither waits for readers, nor lets others do so. */
    while (!im_sync_load(&stop_changing, memory_order_relaxed))
        (void)qsbr_map_put(&busy_map, 1, 0, NULL);
    urcu_qsbr_unregister_thread();
    return argument;
}

static void *only_insert(void *argument)
{
    urcu_qsbr_register_thread();
    while (!im_sync_load(&stop_changing, memory_order_relaxed))
        (void)qsbr_map_insert(&busy_map, 1, 0);
    urcu_qsbr_unregister_thread();
    return argument;
}

static void wait_beside(void *(*change)(void *))
{
    pthread_t thread;
    pthread_create(&thread, NULL, change, NULL);
    while (qsbr_map_len(&busy_map) == 0)
        im_sync_yield();
    for (int i = 0; i < 10; i++)
        urcu_qsbr_synchronize_rcu();
    im_sync_store(&stop_changing, 1, memory_order_relaxed);
    pthread_join(thread, NULL);
    qsbr_map_destroy(&busy_map);
}

Test(flavours, qsbr_changes_are_quiescent_states)
{
    wait_beside(only_put);
}

Test(flavours, qsbr_inserts_are_quiescent_states)
{
    wait_beside(only_insert);
}

FLAVOUR_TEST(bp, nothing, nothing, nothing)
FLAVOUR_TEST(memb, urcu_memb_register_thread, nothing, urcu_memb_unregister_thread)
FLAVOUR_TEST(qsbr, urcu_qsbr_register_thread, urcu_qsbr_quiescent_state, urcu_qsbr_unregister_thread)
