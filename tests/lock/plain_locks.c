/* SPDX-License-Identifier: MIT */
/* Plain in whatever build the tests around it are. */
#undef IM_CHECKED
#define IM_CHECKED 0
#include "plain_locks.h"

void plain_lock(const number *mutex)
{
    (void)im_mutex_lock(mutex);
}

void plain_unlock(const number *mutex)
{
    im_mutex_unlock(mutex);
}

number_guard plain_lock_guard(const number *mutex)
{
    return im_mutex_lock_guard(number_guard, mutex);
}

void plain_release(number_guard *guard)
{
    im_mutex_guard_release(guard);
}

void plain_read(const shared_number *lock)
{
    (void)im_rwlock_read(lock);
}

void plain_read_unlock(const shared_number *lock)
{
    im_rwlock_read_unlock(lock);
}

void plain_leave(const reentrant_number *lock)
{
    im_reentrant_unlock(lock);
}

size_t plain_sizes(void)
{
    return sizeof(number) + sizeof(number_guard) + sizeof(shared_number) + sizeof(reentrant_number);
}
