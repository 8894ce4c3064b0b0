/* SPDX-License-Identifier: MIT */
/* Row A5: the table of stripes: how objects are spread over it, what it costs, and what fork() does to it. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/atomic_wait.h>

Test(table, its_memory)
{
    cr_assert_eq(sizeof(struct im_atomic_stripe), IM_CACHE_LINE_BYTES, "a line each");
    cr_assert_leq(sizeof im_atomic_table, 21 * 1024);
    cr_assert_eq((uintptr_t)&im_atomic_table % IM_CACHE_LINE_BYTES, 0);
}

/* The number of stripes that an array of `count` objects so many bytes apart uses. */
static size_t stripes_of(uintptr_t base, size_t stride, size_t count)
{
    static bool used[IM_ATOMIC_STRIPES];
    size_t different = 0;
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < count; i++) {
        const void *object = (const void *)(base + i * stride);
        size_t stripe = (size_t)((const struct im_atomic_stripe *)(const void *)im_atomic_stripe_of(object) -
                                 im_atomic_table.stripe);
        cr_assert_lt(stripe, IM_ATOMIC_STRIPES);
        different += !used[stripe];
        used[stripe] = true;
    }
    return different;
}

/*
 * 256 objects thrown at random use 1 - 1/e, 63 %, of 256 stripes, hence 162; and 16 use 15.5. Arrays of structs of every
 * size up to two pages do as well on average, and no size is bad.
 */
Test(table, arrays_of_structs_are_spread)
{
    size_t least_16 = 16, least_256 = 256, sum_256 = 0, strides = 0;
    for (size_t stride = 8; stride <= 8192; stride += 8, strides++) {
        size_t of_16 = stripes_of(0x7f1234560000, stride, 16), of_256 = stripes_of(0x55aa00001040, stride, 256);
        least_16 = of_16 < least_16 ? of_16 : least_16;
        least_256 = of_256 < least_256 ? of_256 : least_256;
        sum_256 += of_256;
    }
    cr_assert_geq(least_16, 9, "%zu of 16", least_16);
    cr_assert_geq(least_256, 95, "%zu of 256", least_256);
    cr_assert_geq(sum_256 / strides, 158, "%zu on average", sum_256 / strides);
}

/* ---- fork() while others store ---- */

enum { FORKS = 60, OBJECTS = 512, THREADS = 2 };

typedef struct {
    uint64_t word[16];
} record;
static im_atomic(record) records[OBJECTS];
static im_atomic(uint32_t) never;
static im_atomic(bool) stop;

static record record_of(uint64_t n)
{
    record r;
    for (size_t i = 0; i < 16; i++)
        r.word[i] = n;
    return r;
}

static bool is_whole(record r)
{
    for (size_t i = 1; i < 16; i++) {
        if (r.word[i] != r.word[0])
            return false;
    }
    return true;
}

static void *store_records(void *unused)
{
    for (uint64_t n = 1; !im_atomic_load(&stop); n++) {
        for (size_t i = 0; i < OBJECTS; i++)
            im_atomic_store(&records[i], record_of(n));
    }
    return unused;
}

static void *wait_for_ever(void *unused)
{
    (void)im_atomic_wait(&never, 0);
    return unused;
}

/* In the child: every value is whole, every lock is free, nobody waits. */
static int look_at_all(void)
{
    for (size_t i = 0; i < OBJECTS; i++) {
        if (!is_whole(im_atomic_load(&records[i])))
            return 1;
        im_atomic_store(&records[i], record_of(7));
        if (!is_whole(im_atomic_load(&records[i])))
            return 2;
    }
    for (size_t i = 0; i < IM_ATOMIC_WAIT_QUEUES; i++) {
        if (im_atomic_table.queue[i].waiting != 0)
            return 3;
    }
    return 0;
}

Test(table, a_forked_child_has_whole_values_and_free_locks)
{
    pthread_t threads[THREADS], sleeper;
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, store_records, NULL), 0);
    cr_assert_eq(pthread_create(&sleeper, NULL, wait_for_ever, NULL), 0);
    for (int i = 0; i < FORKS; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(look_at_all());
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "the child ended with %x", (unsigned)status);
    }
    im_atomic_store(&stop, true);
    im_atomic_store(&never, 1);
    im_atomic_wake_all(&never);
    pthread_join(sleeper, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
