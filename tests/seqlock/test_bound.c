/* SPDX-License-Identifier: MIT */
/* Rows S3 and S6: what a load does when tries are in vain, and their number. Built with -DIM_SEQLOCK_STATS. */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/seqlock.h>

typedef im_seqlock(int) int_seqlock;
static int_seqlock lock;

Test(bound, a_try_in_vain_is_counted)
{
    int seen = 0;
    (void)im_seqlock_load(&lock);
    cr_assert_eq(im_seqlock_retries(&lock), 0);
    im_seqlock_with(p, &lock) cr_assert_not(im_seqlock_try_load(&lock, &seen));
    cr_assert_eq(im_seqlock_retries(&lock), 1);
    (void)im_seqlock_load(&lock);
    cr_assert_eq(im_seqlock_retries(&lock), 1);
}

Test(bound, counting_does_not_change_the_layout)
{
    cr_assert_eq(sizeof(struct im_raw_seqlock), 16);
    cr_assert_eq(sizeof(int_seqlock), 24);
}

static void *load_once(void *unused)
{
    (void)unused;
    return (void *)(intptr_t)im_seqlock_load(&lock);
}

static void *store_once(void *unused)
{
    im_seqlock_store(&lock, 9);
    return unused;
}

static uint32_t waiting(void)
{
    return im_sync_load(&lock.im_lock.waiting, memory_order_relaxed);
}

Test(bound, a_reader_that_tried_in_vain_holds_writers_off_and_lets_them_go)
{
    pthread_t reader;
    void *seen;
    im_seqlock_with(p, &lock)
    {
        *p = 5;
        cr_assert_eq(pthread_create(&reader, NULL, load_once, NULL), 0);
        while (waiting() == 0)
            im_sync_yield();
    }
    pthread_join(reader, &seen);
    cr_assert_eq((intptr_t)seen, 5);
    cr_assert_eq(waiting(), 0);
    cr_assert_geq(im_seqlock_retries(&lock), IM_SEQLOCK_TRIES);
}

Test(bound, no_write_begins_while_a_reader_holds_writers_off)
{
    pthread_t writer;
    im__seqlock_hold_writers_off(&lock.im_lock, 1);
    cr_assert_eq(pthread_create(&writer, NULL, store_once, NULL), 0);
    for (int i = 0; i < 1000; i++) {
        im_sync_yield();
        cr_assert_eq(im_seqlock_load(&lock), 0);
    }
    im__seqlock_hold_writers_off(&lock.im_lock, (uint32_t)-1);
    pthread_join(writer, NULL);
    cr_assert_eq(im_seqlock_load(&lock), 9);
}
