/* SPDX-License-Identifier: MIT */
/* Row L12: with -DIM_THREAD_SAFETY=1 tries are calls that clang follows; they do what they always do. */
#include <criterion/criterion.h>

#include <intermut/mutex.h>
#include <intermut/rwlock.h>

static int evaluations;

#define COUNTED(lock) (evaluations++, &(lock))
#define MS UINT64_C(1000000)

Test(seen_tries, of_a_mutex)
{
    static im_mutex_of(im_raw_ticket, double) mutex;
    for (int how = 0; how < 3; how++) {
        evaluations = 0;
        double *value = how == 0   ? im_mutex_try_lock(COUNTED(mutex))
                        : how == 1 ? im_mutex_lock_for(COUNTED(mutex), MS)
                                   : im_mutex_lock_until(COUNTED(mutex), im_sync_now_ns() + MS);
        cr_assert_eq(value, &mutex.im_value);
        cr_assert_eq(evaluations, 1);
        const double *none = how == 0   ? im_mutex_try_lock(&mutex)
                             : how == 1 ? im_mutex_lock_for(&mutex, 1000)
                                        : im_mutex_lock_until(&mutex, 1);
        cr_assert_null(none);
        im_mutex_unlock(&mutex);
    }
}

#define TRY(lock, what, how)                                    \
    ((how) == 0   ? im_rwlock_try_##what(COUNTED(lock))         \
     : (how) == 1 ? im_rwlock_##what##_for(COUNTED(lock), 1000) \
                  : im_rwlock_##what##_until(COUNTED(lock), 1))

#define CHECK(lock)                                                 \
    for (int how = 0; how < 3; how++) {                             \
        evaluations = 0;                                            \
        double *written = TRY(lock, write, how);                    \
        cr_assert_eq(written, &(lock).im_value);                    \
        const double *none = TRY(lock, read, how);                  \
        cr_assert_null(none);                                       \
        none = TRY(lock, upgradable_read, how);                     \
        cr_assert_null(none);                                       \
        im_rwlock_write_unlock(&(lock));                            \
        const double *upgradable = TRY(lock, upgradable_read, how); \
        const double *read = TRY(lock, read, how);                  \
        cr_assert_eq(read, &(lock).im_value);                       \
        cr_assert_eq(upgradable, read);                             \
        none = TRY(lock, write, how);                               \
        cr_assert_null(none);                                       \
        cr_assert_eq(evaluations, 6);                               \
        im_rwlock_read_unlock(&(lock));                             \
        im_rwlock_upgradable_unlock(&(lock));                       \
        cr_assert_not(im_rwlock_is_locked(&(lock)));                \
    }

Test(seen_tries, of_a_rwlock)
{
    static im_rwlock(double) lock;
    CHECK(lock)
}

Test(seen_tries, of_a_sharded_rwlock)
{
    static im_sharded_rwlock(double) lock;
    CHECK(lock)
}
