/* SPDX-License-Identifier: MIT */
/* The library's lock of four bytes. That it excludes, and wakes, in all orders: tests/model/harness/base.c. */
#include <criterion/criterion.h>
#include <pthread.h>

#include <intermut/word_lock.h>

Test(word_lock, zeroed_is_free_and_four_bytes)
{
    struct im_word_lock lock = {0};
    cr_assert_eq(sizeof lock, 4);
    cr_assert(im_word_lock_try(&lock));
    cr_assert_not(im_word_lock_try(&lock), "it is held");
    im_word_lock_give(&lock);
    im_word_lock_take(&lock);
    cr_assert_not(im_word_lock_try(&lock));
    im_word_lock_give(&lock);
    cr_assert_eq(lock.word, 0);
}

enum { THREADS = 4, ROUNDS = 20000 };

static struct im_word_lock lock;
static unsigned long counted; /* plain: two at a time would lose some */

static void *count(void *nothing)
{
    for (int i = 0; i < ROUNDS; i++) {
        im_word_lock_take(&lock);
        counted++;
        im_word_lock_give(&lock);
    }
    return nothing;
}

Test(word_lock, all_threads_get_it)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(counted, (unsigned long)THREADS * ROUNDS);
    cr_assert_eq(lock.word, 0);
}
