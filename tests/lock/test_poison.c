/* SPDX-License-Identifier: MIT */
/* Row L10: values that were left halfway, and holders that died. -fexceptions. */
#define _GNU_SOURCE
#include "../cell/panics.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/mutex.h>

typedef im_mutex_of(im_raw_poisoning, int) poisoning_mutex;
typedef im_mutex_of(im_raw_pthread, int) pthread_number;

static poisoning_mutex mutex = IM_MUTEX_INIT(3);

static void assert_is_poisoned(const poisoning_mutex *self)
{
    cr_assert(im_mutex_is_poisoned(self));
    cr_assert_not(im_mutex_is_locked(self));
    ASSERT_PANICS((void)im_mutex_lock(self), "cannot lock `self`: it is poisoned, a holder ended early");
    cr_assert_str_eq(panic_lines[0].label, "poisoned");
    cr_assert_not_null(panic_lines[0].site.file);
    cr_assert_null(im_mutex_try_lock(self));
    cr_assert_null(im_mutex_lock_for(self, 1000));
    int no = 0;
    im_mutex_try_with(value, self)(*value)++;
    else no++;
    cr_assert_eq(no, 1);
    cr_assert_not(im_mutex_is_locked(self));
}

Test(poison, is_said_and_taken_back)
{
    cr_assert_not(im_mutex_is_poisoned(&mutex));
    ASSERT_PANICS(im_mutex_poison(&mutex), "cannot poison `mutex`: it is not locked");
    im_mutex_with(value, &mutex)
    {
        *value = 4;
        im_mutex_poison(&mutex);
    }
    assert_is_poisoned(&mutex);
    cr_assert_eq(*im_mutex_get_mut(&mutex), 4);
    cr_assert_eq(*im_mutex_lock_anyway(&mutex), 4);
    im_mutex_clear_poison(&mutex);
    im_mutex_unlock(&mutex);
    cr_assert_not(im_mutex_is_poisoned(&mutex));
    im_mutex_with(value, &mutex) cr_assert_eq(*value, 4);
}

static void leave_early(int how)
{
    im_mutex_with(value, &mutex)
    {
        (*value)++;
        if (how == 0)
            return;
        if (how == 1)
            break;
        if (how == 2)
            goto out;
        if (how == 3)
            pthread_exit(NULL);
        if (how == 4)
            continue;
        (*value)++;
    }
out:
    return;
}

static void *leave_early_in_a_thread(void *argument)
{
    leave_early(*(int *)argument);
    return NULL;
}

Test(poison, a_block_that_is_left_early)
{
    for (int how = 0; how < 6; how++) {
        pthread_t thread;
        pthread_create(&thread, NULL, leave_early_in_a_thread, &how);
        pthread_join(thread, NULL);
        if (how < 4)
            assert_is_poisoned(&mutex);
        cr_assert_eq(im_mutex_is_poisoned(&mutex), how < 4);
        im_mutex_clear_poison(&mutex);
    }
    cr_assert_eq(*im_mutex_get_mut(&mutex), 3 + 7);
}

static void *wait_for_cancellation(void *argument)
{
    im_mutex_with(value, &mutex)
    {
        im_sync_store((int *)argument, 1, memory_order_release);
        for (;;)
            pthread_testcancel();
        (*value)++;
    }
    return NULL;
}

Test(poison, a_thread_that_is_cancelled)
{
    pthread_t thread;
    int inside = 0;
    pthread_create(&thread, NULL, wait_for_cancellation, &inside);
    while (!im_sync_load(&inside, memory_order_acquire))
        im_sync_yield();
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    assert_is_poisoned(&mutex);
}

Test(poison, of_two_locks)
{
    poisoning_mutex other = IM_MUTEX_INIT(0);
    im_lock2(a, &mutex, b, &other)
    {
        *a = *b;
        continue;
    }
    cr_assert(!im_mutex_is_poisoned(&mutex) && !im_mutex_is_poisoned(&other));
    im_lock2(a, &mutex, b, &other)
    {
        *a = *b;
        break;
    }
    assert_is_poisoned(&mutex);
    assert_is_poisoned(&other);
}

/* ------------------------------------------------------------------------------------------- the system's lock */

static void *die_inside(void *argument)
{
    *im_mutex_lock((pthread_number *)argument) = 9;
    return NULL;
}

Test(poison, a_thread_that_dies_with_a_robust_lock)
{
    pthread_number robust = IM_MUTEX_INIT(1);
    cr_assert_eq(im_mutex_init_pthread(&robust, IM_PTHREAD_ROBUST), 0);
    pthread_t thread;
    pthread_create(&thread, NULL, die_inside, &robust);
    pthread_join(thread, NULL);
    ASSERT_PANICS((void)im_mutex_lock(&robust), "cannot lock `robust`: it is poisoned, a holder ended early");
    cr_assert_null(im_mutex_try_lock(&robust));
    cr_assert_null(im_mutex_lock_for(&robust, 1000));
    cr_assert_eq(*im_mutex_lock_anyway(&robust), 9);
    im_mutex_clear_poison(&robust);
    im_mutex_unlock(&robust);
    cr_assert_not_null(im_mutex_lock(&robust));
    im_mutex_unlock(&robust);
    im_mutex_destroy(&robust);
}

static pthread_number *shared_number(unsigned attributes)
{
    pthread_number *number = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(number, MAP_FAILED);
    cr_assert_eq(im_mutex_init_pthread(number, attributes), 0);
    return number;
}

Test(poison, a_process_that_is_killed_with_a_lock_that_processes_share)
{
    pthread_number *number = shared_number(IM_PTHREAD_ROBUST | IM_PTHREAD_SHARED);
    pid_t child = fork();
    if (child == 0) {
        *im_mutex_lock(number) = 7;
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    cr_assert_null(im_mutex_lock_for(number, UINT64_MAX), "whoever dies lets go, and that is noticed");
    cr_assert(im_mutex_is_poisoned(number));
    cr_assert_eq(*im_mutex_lock_anyway(number), 7);
    im_mutex_clear_poison(number);
    im_mutex_unlock(number);
    im_mutex_destroy(number);
    munmap(number, sizeof *number);
}

Test(poison, processes_share_a_number)
{
    enum { TIMES = 20000 };
    pthread_number *number = shared_number(IM_PTHREAD_SHARED);
    pid_t child = fork();
    for (int i = 0; i < TIMES; i++)
        im_mutex_with(n, number)(*n)++;
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    cr_assert_eq(*im_mutex_get_mut(number), 2 * TIMES);
    munmap(number, sizeof *number);
}

static void *try_for_a_while(void *argument)
{
    cr_assert_null(im_mutex_lock_for((pthread_number *)argument, 2000000));
    cr_assert_null(im_mutex_lock_until((pthread_number *)argument, 1));
    return NULL;
}

Test(poison, a_lock_that_lends_priority_keeps_deadlines)
{
    pthread_number inheriting = IM_MUTEX_INIT(1);
    cr_assert_eq(im_mutex_init_pthread(&inheriting, IM_PTHREAD_INHERIT), 0);
    pthread_t thread;
    im_mutex_lock(&inheriting);
    pthread_create(&thread, NULL, try_for_a_while, &inheriting);
    pthread_join(thread, NULL);
    im_mutex_unlock(&inheriting);
    im_mutex_destroy(&inheriting);
}
