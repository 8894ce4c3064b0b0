/* SPDX-License-Identifier: MIT */
/* Row L6: readers that come in by slots of their own. What both forms share is in test_rwlock.c and test_rwlock_threads.c. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/rwlock.h>

typedef im_sharded_rwlock(int) int_lock;

static int_lock shared;
static sem_t is_in, may_leave;

static uint32_t openness(const int_lock *lock)
{
    return im_sync_load(&lock->im_raw.openness, memory_order_relaxed);
}

/* So many reads, and no write. */
static void calm_down(const int_lock *lock)
{
    for (int i = 0; i < IM_SHARDED_RWLOCK_CALM_READS; i++)
        im_rwlock_with_read(p, lock) cr_assert(p);
    cr_assert_eq(openness(lock), IM__SHARDED_OPEN);
}

static void setup(void)
{
    sem_init(&is_in, 0, 0);
    sem_init(&may_leave, 0, 0);
    calm_down(&shared);
}

TestSuite(slots, .init = setup);

static pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, argument), 0);
    return thread;
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

Test(slots, many_reads_open_it_and_a_write_closes_it)
{
    im_rwlock_with_write(p, &shared) cr_assert_eq(openness(&shared), IM__SHARDED_CLOSED);
    cr_assert_eq(openness(&shared), IM__SHARDED_CLOSED);
    for (int i = 1; i < IM_SHARDED_RWLOCK_CALM_READS; i++)
        im_rwlock_with_read(p, &shared) cr_assert_eq(openness(&shared), IM__SHARDED_CLOSED);
    im_rwlock_with_write(p, &shared)(*p)++; /* and counting begins anew */
    im_rwlock_with_read(p, &shared) cr_assert_eq(openness(&shared), IM__SHARDED_CLOSED);
    calm_down(&shared);
}

static void *report_slots(void *where)
{
    im_rwlock_with_read(p, &shared)
    {
        *(uintptr_t *)where = (uintptr_t)*im__sharded_self();
        sem_post(&is_in);
        wait_for(&may_leave);
    }
    return NULL;
}

/* Bytes of the lock, and lines of the others, stay as they are. */
Test(slots, readers_share_no_cache_line_that_is_written)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    uintptr_t slots[THREADS];
    const struct im_raw_sharded_rwlock before = shared.im_raw;
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(report_slots, &slots[i]);
    for (int i = 0; i < THREADS; i++)
        wait_for(&is_in);
    cr_assert_eq(memcmp(&before, &shared.im_raw, sizeof before), 0);
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(slots[i] % IM_CACHE_LINE_BYTES, 0);
        cr_assert_eq(sizeof(struct im__sharded_reader), IM_CACHE_LINE_BYTES);
        for (int j = 0; j < i; j++)
            cr_assert_neq(slots[i], slots[j]);
    }
    cr_assert_null(im_rwlock_try_write(&shared));
    for (int i = 0; i < THREADS; i++)
        sem_post(&may_leave);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(memcmp(&before.central, &shared.im_raw.central, sizeof before.central), 0);
}

static void *hold_until_told(void *unused)
{
    im_rwlock_with_read(p, &shared)
    {
        sem_post(&is_in);
        wait_for(&may_leave);
    }
    return unused;
}

static void *write_one(void *unused)
{
    im_rwlock_with_write(p, &shared)++ *p;
    return unused;
}

Test(slots, a_writer_waits_for_a_slot_and_sleeps)
{
    pthread_t reader = start(hold_until_told, NULL);
    wait_for(&is_in);
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert_null(im_rwlock_write_for(&shared, 0));
    cr_assert_null(im_rwlock_write_for(&shared, 3000000));
    cr_assert_not(im_raw_rwlock_is_locked(&shared.im_raw.central));
    cr_assert_eq(openness(&shared), IM__SHARDED_CLOSING);
    cr_assert(im_rwlock_is_locked(&shared));

    cr_assert_not_null(im_rwlock_try_read(&shared)); /* by the central lock */
    cr_assert(im_raw_rwlock_is_locked(&shared.im_raw.central));
    im_rwlock_read_unlock(&shared);

    pthread_t writer = start(write_one, NULL);
    while (!im_raw_rwlock_is_write_locked(&shared.im_raw.central))
        im_sync_yield();
    cr_assert_null(im_rwlock_try_read(&shared));
    sem_post(&may_leave);
    pthread_join(reader, NULL);
    pthread_join(writer, NULL);
    cr_assert_eq(*im_rwlock_get_mut(&shared), 1);
    cr_assert_eq(openness(&shared), IM__SHARDED_CLOSED);
}

Test(slots, an_upgrade_waits_for_a_slot)
{
    pthread_t reader = start(hold_until_told, NULL);
    wait_for(&is_in);
    const int *reading = im_rwlock_upgradable_read(&shared);
    cr_assert_null(im_rwlock_try_upgrade(&shared));
    cr_assert_null(im_rwlock_upgrade_for(&shared, 2000000));
    cr_assert_null(im_rwlock_try_upgradable_read(&shared));
    sem_post(&may_leave);
    int *writing = im_rwlock_upgrade(&shared);
    cr_assert_eq(reading, writing);
    im_rwlock_write_unlock(&shared);
    pthread_join(reader, NULL);
}

Test(slots, a_thread_reads_again_what_it_reads_whatever_a_writer_does)
{
    pthread_t writer;
    (void)im_rwlock_read_recursive(&shared);
    writer = start(write_one, NULL);
    while (!im_raw_rwlock_is_write_locked(&shared.im_raw.central))
        im_sync_yield();
    for (int i = 0; i < 3; i++)
        cr_assert_eq(*im_rwlock_read_recursive(&shared), 0);
    cr_assert_not_null(im_rwlock_try_read_recursive(&shared));
    for (int i = 0; i < 5; i++)
        im_rwlock_read_unlock(&shared);
    pthread_join(writer, NULL);
    cr_assert_eq(*im_rwlock_get_mut(&shared), 1);
}

/* More locks at a time than a thread has slots, given back in another order. */
Test(slots, a_thread_may_read_any_number_of_locks)
{
    enum { LOCKS = IM_SHARDED_RWLOCK_SLOTS + 3 };
    static int_lock locks[LOCKS];
    for (int i = 0; i < LOCKS; i++)
        calm_down(&locks[i]);
    for (int i = 0; i < LOCKS; i++)
        (void)im_rwlock_read(&locks[i]);
    for (int i = 0; i < LOCKS; i++) {
        cr_assert(im_rwlock_is_locked(&locks[i]));
        cr_assert_eq(im_raw_rwlock_is_locked(&locks[i].im_raw.central), i >= IM_SHARDED_RWLOCK_SLOTS);
        cr_assert_null(im_rwlock_try_write(&locks[i]));
    }
    for (int i = 0; i < LOCKS; i++) {
        im_rwlock_read_unlock(&locks[i]);
        cr_assert_not(im_rwlock_is_locked(&locks[i]));
        cr_assert_not_null(im_rwlock_try_write(&locks[i]));
        im_rwlock_write_unlock(&locks[i]);
    }
}

static void *read_once(void *unused)
{
    im_rwlock_with_read(p, &shared) cr_assert(p);
    return unused;
}

/* Far more threads than there are slots, one after the other, and some at a time. */
Test(slots, threads_give_theirs_back)
{
    enum { THREADS = IM_SHARDED_RWLOCK_THREADS + 50, AT_A_TIME = 10 };
    pthread_t threads[AT_A_TIME];
    for (int i = 0; i < THREADS; i++) {
        if (i >= AT_A_TIME)
            pthread_join(threads[i % AT_A_TIME], NULL);
        threads[i % AT_A_TIME] = start(read_once, NULL);
    }
    for (int i = 0; i < AT_A_TIME; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_raw_rwlock_is_locked(&shared.im_raw.central), false);
}

Test(slots, threads_without_slots_read_by_the_central_lock)
{
    enum { THREADS = IM_SHARDED_RWLOCK_THREADS + 20 };
    static pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(hold_until_told, NULL);
    for (int i = 0; i < THREADS; i++)
        wait_for(&is_in);
    cr_assert(im_raw_rwlock_is_locked(&shared.im_raw.central));
    cr_assert_null(im_rwlock_try_write(&shared));
    for (int i = 0; i < THREADS; i++)
        sem_post(&may_leave);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_not_null(im_rwlock_try_write(&shared));
    im_rwlock_write_unlock(&shared);
}

static void *read_for_ever(void *unused)
{
    (void)im_rwlock_read(&shared);
    return unused;
}

Test(slots, a_read_outlives_its_thread)
{
    pthread_join(start(read_for_ever, NULL), NULL);
    cr_assert(im_rwlock_is_locked(&shared));
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert_null(im_rwlock_write_for(&shared, 1000000));
    cr_assert_not_null(im_rwlock_try_read(&shared));
    im_rwlock_read_unlock(&shared);
}

/* How many threads have slots. */
static unsigned taken(void)
{
    unsigned count = 0;
    const struct im__sharded_reader *first = *im__sharded_self();
    /* One after the other, and this thread's were the first ones taken. */
    for (unsigned at = 0; at < IM_SHARDED_RWLOCK_THREADS; at++)
        count += im_sync_load(&first[at].is_taken, memory_order_relaxed) != 0;
    return count;
}

/* The child has this thread only: the slots of others are free there, and what they read stays read. */
Test(slots, a_forked_child_has_those_of_one_thread)
{
    enum { THREADS = 3 };
    static int_lock other;
    calm_down(&other);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(hold_until_told, NULL);
    for (int i = 0; i < THREADS; i++)
        wait_for(&is_in);
    cr_assert_eq(taken(), 1 + THREADS);
    cr_assert_not_null(im_rwlock_read(&other));
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        bool is_right = taken() == 1 && !im_rwlock_try_write(&shared) && im_rwlock_try_read(&shared) &&
                        !im_rwlock_try_write(&other);
        im_rwlock_read_unlock(&other);
        _exit(is_right && im_rwlock_try_write(&other) ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    im_rwlock_read_unlock(&other);
    for (int i = 0; i < THREADS; i++)
        sem_post(&may_leave);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(taken(), 1, "in the parent they gave them back themselves");
    cr_assert_not_null(im_rwlock_try_write(&shared));
    im_rwlock_write_unlock(&shared);
}
