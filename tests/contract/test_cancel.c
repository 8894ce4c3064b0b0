/* SPDX-License-Identifier: MIT */
/*
 * docs/contract.md, section Maps: a thread that is cancelled in a block leaves its read section only if the code was
 * built with -fexceptions. This file is built both ways.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <unistd.h>

#include <intermut/map.h>

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

static int_map map;
static const struct timespec a_moment = {.tv_nsec = 100000};
static pthread_barrier_t inside;
static bool section_left;

static void look_at_section(void *unused)
{
    (void)unused;
    section_left = !im_rcu_bp.in_section();
}

static void wait_in_block(void)
{
    im_map_with(int_map, value, &map, 1) {
        (void)value;
        pthread_barrier_wait(&inside);
        for (;;)
            pause();
    }
}

/* The handler out here runs when the block in there has been unwound. */
static void *be_cancelled(void *unused)
{
    (void)unused;
    pthread_cleanup_push(look_at_section, NULL);
    wait_in_block();
    pthread_cleanup_pop(0);
    return NULL;
}

#ifdef __EXCEPTIONS
Test(contract, cancel_leaves_the_section_with_exceptions)
#else
Test(contract, cancel_keeps_the_section_without_exceptions)
#endif
{
    pthread_t thread;
    pthread_barrier_init(&inside, NULL, 2);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    pthread_create(&thread, NULL, be_cancelled, NULL);
    pthread_barrier_wait(&inside);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
#ifdef __EXCEPTIONS
    cr_assert(section_left);
#else
    cr_assert(!section_left);
#endif
}

/*
 * Work in a function of its own, called through a pointer, so that its frame is gone when the thread is cancelled:
 * AddressSanitizer does not see a cancelled frame go, and would take its variables for still there.
 */
typedef void key_work(int key);

static void change(int key)
{
    (void)int_map_put(&map, key, key, NULL);
}

static int make_slowly(int *value, void *argument)
{
    *value = *(int *)argument;
    pthread_testcancel();
    return 0;
}

static void make(int key)
{
    int value;
    (void)int_map_get_or_insert_with(&map, key, make_slowly, &key, &value);
    (void)int_map_remove(&map, key, NULL);
}

static void *work_until_cancelled(void *argument)
{
    key_work *const *work = argument;
    for (int key = 0;; key = (key + 1) % 100) {
        (*work)(key);
        pthread_testcancel();
    }
    return NULL;
}

static void cancel_many(key_work *work)
{
    for (int round = 0; round < 50; round++) {
        pthread_t thread;
        pthread_create(&thread, NULL, work_until_cancelled, &work);
        nanosleep(&a_moment, NULL); /* any moment will do: nothing depends on which */
        pthread_cancel(thread);
        pthread_join(thread, NULL);
        cr_assert_eq(int_map_put(&map, 1000, round, NULL), 0, "the lock is free, and liburcu's too");
    }
    int_map_destroy(&map);
}

Test(contract, a_change_is_not_cancelled_halfway)
{
    cancel_many(change);
}

Test(contract, a_callback_is_not_cancelled_halfway)
{
    cancel_many(make);
}
