/* SPDX-License-Identifier: MIT */
/* What the tests of im_rwlock share: a lock of each policy, and threads that are known to sleep. */
#ifndef RWLOCKS_H
#define RWLOCKS_H

#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/rwlock.h>

struct pair {
    int left, right;
};

/* Each test is built for both forms. */
#ifdef SHARDED
typedef im_sharded_rwlock(struct pair) pair_lock;
#define CENTRAL(lock) (&(lock)->im_raw.central)
#define LOCK_BYTES 12
#else
typedef im_rwlock(struct pair) pair_lock;
#define CENTRAL(lock) (&(lock)->im_raw)
#define LOCK_BYTES 4
#endif

static const enum im_rwlock_policy policies[] = {IM_RWLOCK_TASK_FAIR, IM_RWLOCK_WRITER_PREFERRING,
                                                 IM_RWLOCK_READER_PREFERRING};

static pair_lock shared = IM_RWLOCK_INIT({1, 2});

/* In the order in which threads were in. */
static char order[16];
static uint32_t been_in;

/* A test of `shared`, which is free and holds {1, 2}, with each policy in turn. A sharded one is closed by the write. */
#define TEST_EACH_POLICY(suite, name)                                  \
    static void name##_by(enum im_rwlock_policy policy);               \
    Test(suite, name)                                                  \
    {                                                                  \
        for (int i = 0; i < 3; i++) {                                  \
            im_rwlock_with_write(p, &shared) *p = (struct pair){1, 2}; \
            im_rwlock_set_policy(&shared, policies[i]);                \
            been_in = 0;                                               \
            name##_by(policies[i]);                                    \
            check_free(policies[i]);                                   \
        }                                                              \
    }                                                                  \
    static void name##_by(IM_UNUSED enum im_rwlock_policy policy)

IM_UNUSED static void check_free(enum im_rwlock_policy policy)
{
    cr_assert_eq(CENTRAL(&shared)->state, (uint32_t)policy, "policy %x: the word is %x", policy,
                 CENTRAL(&shared)->state);
}

static void note(char who)
{
    order[im_sync_fetch_add(&been_in, 1, memory_order_acq_rel)] = who;
}

IM_UNUSED static void *read_and_note(void *name)
{
    im_rwlock_with_read(p, &shared) note(*(const char *)name);
    return NULL;
}

IM_UNUSED static void *write_and_note(void *name)
{
    im_rwlock_with_write(p, &shared) note(*(const char *)name);
    return NULL;
}

IM_UNUSED static void *upgradable_and_note(void *name)
{
    (void)im_rwlock_upgradable_read(&shared);
    note(*(const char *)name);
    im_rwlock_upgradable_unlock(&shared);
    return NULL;
}

/* A thread that runs `function`. */
static inline pthread_t start(void *(*function)(void *), const char *name)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, im_unsafe_unconst(name)), 0);
    return thread;
}

/* The same when it is known to sleep for `shared`. */
IM_UNUSED static pthread_t start_sleeper(void *(*function)(void *), const char *name)
{
    const size_t before = im_raw_rwlock_sleepers(CENTRAL(&shared));
    pthread_t thread = start(function, name);
    while (im_raw_rwlock_sleepers(CENTRAL(&shared)) == before)
        im_sync_yield();
    return thread;
}

/* Who was in until now, in this order. */
#define ASSERT_ORDER(expected)                          \
    do {                                                \
        order[been_in] = 0;                             \
        cr_assert_str_eq(order, expected, "%s", order); \
    } while (0)

#endif
