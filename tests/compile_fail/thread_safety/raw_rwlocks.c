/* SPDX-License-Identifier: MIT */
/* The rwlocks of programs that use a raw lock by itself. */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/raw_sharded_rwlock.h>

/* case: rwlock_read_unlock_without_lock */
/* error clang: that was not held */
void rwlock_read_unlock_without_lock(const struct im_raw_rwlock *self)
{
#ifndef BROKEN_rwlock_read_unlock_without_lock
    if (!im_raw_rwlock_try_read(self))
        return;
#endif
    im_raw_rwlock_read_unlock(self);
}

/* case: rwlock_read_twice */
/* error clang: that is already held */
void rwlock_read_twice(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_rwlock_read_until(self, deadline_ns))
        return;
#ifdef BROKEN_rwlock_read_twice
    if (!im_raw_rwlock_read_until(self, deadline_ns))
        return;
#endif
    im_raw_rwlock_read_unlock(self);
}

/* case: rwlock_read_return_while_held */
/* error clang: is not held on every path through here */
void rwlock_read_return_while_held(const struct im_raw_rwlock *self, bool early)
{
    if (!im_raw_rwlock_try_read(self))
        return;
#ifdef BROKEN_rwlock_read_return_while_held
    if (early)
        return;
#endif
    im_raw_rwlock_read_unlock(self);
}

/* case: rwlock_write_unlock_without_lock */
/* error clang: that was not held */
void rwlock_write_unlock_without_lock(const struct im_raw_rwlock *self)
{
#ifndef BROKEN_rwlock_write_unlock_without_lock
    if (!im_raw_rwlock_try_write(self))
        return;
#endif
    im_raw_rwlock_write_unlock(self);
}

/* case: rwlock_write_twice */
/* error clang: that is already held */
void rwlock_write_twice(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_rwlock_write_until(self, deadline_ns))
        return;
#ifdef BROKEN_rwlock_write_twice
    if (!im_raw_rwlock_write_until(self, deadline_ns))
        return;
#endif
    im_raw_rwlock_write_unlock(self);
}

/* case: rwlock_write_return_while_held */
/* error clang: is not held on every path through here */
void rwlock_write_return_while_held(const struct im_raw_rwlock *self, bool early)
{
    if (!im_raw_rwlock_try_write(self))
        return;
#ifdef BROKEN_rwlock_write_return_while_held
    if (early)
        return;
#endif
    im_raw_rwlock_write_unlock(self);
}

/* case: rwlock_upgradable_unlock_without_lock */
/* error clang: that was not held */
void rwlock_upgradable_unlock_without_lock(const struct im_raw_rwlock *self)
{
#ifndef BROKEN_rwlock_upgradable_unlock_without_lock
    if (!im_raw_rwlock_try_upgradable(self))
        return;
#endif
    im_raw_rwlock_upgradable_unlock(self);
}

/* case: rwlock_upgradable_twice */
/* error clang: that is already held */
void rwlock_upgradable_twice(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_rwlock_upgradable_until(self, deadline_ns))
        return;
#ifdef BROKEN_rwlock_upgradable_twice
    if (!im_raw_rwlock_upgradable_until(self, deadline_ns))
        return;
#endif
    im_raw_rwlock_upgradable_unlock(self);
}

/* case: rwlock_upgradable_return_while_held */
/* error clang: is not held on every path through here */
void rwlock_upgradable_return_while_held(const struct im_raw_rwlock *self, bool early)
{
    if (!im_raw_rwlock_try_upgradable(self))
        return;
#ifdef BROKEN_rwlock_upgradable_return_while_held
    if (early)
        return;
#endif
    im_raw_rwlock_upgradable_unlock(self);
}

/* case: rwlock_read_that_ends_as_write */
/* error clang: using exclusive access, expected shared */
void rwlock_read_that_ends_as_write(const struct im_raw_rwlock *self)
{
    if (!im_raw_rwlock_try_read(self))
        return;
#ifdef BROKEN_rwlock_read_that_ends_as_write
    im_raw_rwlock_write_unlock(self);
#else
    im_raw_rwlock_read_unlock(self);
#endif
}

/* case: rwlock_write_that_ends_as_read */
/* error clang: using shared access, expected exclusive */
void rwlock_write_that_ends_as_read(const struct im_raw_rwlock *self)
{
    if (!im_raw_rwlock_try_write(self))
        return;
#ifndef BROKEN_rwlock_write_that_ends_as_read
    im_raw_rwlock_downgrade(self);
#endif
    im_raw_rwlock_read_unlock(self);
}

/* case: rwlock_upgrade_of_what_is_not_held */
/* error clang: requires holding */
bool rwlock_upgrade(const struct im_raw_rwlock *self)
#ifndef BROKEN_rwlock_upgrade_of_what_is_not_held
    IM_REQUIRES_SHARED(*self)
#endif
{
    return im_raw_rwlock_try_upgrade(self);
}

/* case: sharded_rwlock_read_unlock_without_lock */
/* error clang: that was not held */
void sharded_rwlock_read_unlock_without_lock(const struct im_raw_sharded_rwlock *self)
{
#ifndef BROKEN_sharded_rwlock_read_unlock_without_lock
    if (!im_raw_sharded_rwlock_try_read(self))
        return;
#endif
    im_raw_sharded_rwlock_read_unlock(self);
}

/* case: sharded_rwlock_read_twice */
/* error clang: that is already held */
void sharded_rwlock_read_twice(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_sharded_rwlock_read_until(self, deadline_ns))
        return;
#ifdef BROKEN_sharded_rwlock_read_twice
    if (!im_raw_sharded_rwlock_read_until(self, deadline_ns))
        return;
#endif
    im_raw_sharded_rwlock_read_unlock(self);
}

/* case: sharded_rwlock_read_return_while_held */
/* error clang: is not held on every path through here */
void sharded_rwlock_read_return_while_held(const struct im_raw_sharded_rwlock *self, bool early)
{
    if (!im_raw_sharded_rwlock_try_read(self))
        return;
#ifdef BROKEN_sharded_rwlock_read_return_while_held
    if (early)
        return;
#endif
    im_raw_sharded_rwlock_read_unlock(self);
}

/* case: sharded_rwlock_write_unlock_without_lock */
/* error clang: that was not held */
void sharded_rwlock_write_unlock_without_lock(const struct im_raw_sharded_rwlock *self)
{
#ifndef BROKEN_sharded_rwlock_write_unlock_without_lock
    if (!im_raw_sharded_rwlock_try_write(self))
        return;
#endif
    im_raw_sharded_rwlock_write_unlock(self);
}

/* case: sharded_rwlock_write_twice */
/* error clang: that is already held */
void sharded_rwlock_write_twice(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_sharded_rwlock_write_until(self, deadline_ns))
        return;
#ifdef BROKEN_sharded_rwlock_write_twice
    if (!im_raw_sharded_rwlock_write_until(self, deadline_ns))
        return;
#endif
    im_raw_sharded_rwlock_write_unlock(self);
}

/* case: sharded_rwlock_write_return_while_held */
/* error clang: is not held on every path through here */
void sharded_rwlock_write_return_while_held(const struct im_raw_sharded_rwlock *self, bool early)
{
    if (!im_raw_sharded_rwlock_try_write(self))
        return;
#ifdef BROKEN_sharded_rwlock_write_return_while_held
    if (early)
        return;
#endif
    im_raw_sharded_rwlock_write_unlock(self);
}

/* case: sharded_rwlock_upgradable_unlock_without_lock */
/* error clang: that was not held */
void sharded_rwlock_upgradable_unlock_without_lock(const struct im_raw_sharded_rwlock *self)
{
#ifndef BROKEN_sharded_rwlock_upgradable_unlock_without_lock
    if (!im_raw_sharded_rwlock_try_upgradable(self))
        return;
#endif
    im_raw_sharded_rwlock_upgradable_unlock(self);
}

/* case: sharded_rwlock_upgradable_twice */
/* error clang: that is already held */
void sharded_rwlock_upgradable_twice(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns)
{
    if (!im_raw_sharded_rwlock_upgradable_until(self, deadline_ns))
        return;
#ifdef BROKEN_sharded_rwlock_upgradable_twice
    if (!im_raw_sharded_rwlock_upgradable_until(self, deadline_ns))
        return;
#endif
    im_raw_sharded_rwlock_upgradable_unlock(self);
}

/* case: sharded_rwlock_upgradable_return_while_held */
/* error clang: is not held on every path through here */
void sharded_rwlock_upgradable_return_while_held(const struct im_raw_sharded_rwlock *self, bool early)
{
    if (!im_raw_sharded_rwlock_try_upgradable(self))
        return;
#ifdef BROKEN_sharded_rwlock_upgradable_return_while_held
    if (early)
        return;
#endif
    im_raw_sharded_rwlock_upgradable_unlock(self);
}

/* case: sharded_rwlock_read_that_ends_as_write */
/* error clang: using exclusive access, expected shared */
void sharded_rwlock_read_that_ends_as_write(const struct im_raw_sharded_rwlock *self)
{
    if (!im_raw_sharded_rwlock_try_read(self))
        return;
#ifdef BROKEN_sharded_rwlock_read_that_ends_as_write
    im_raw_sharded_rwlock_write_unlock(self);
#else
    im_raw_sharded_rwlock_read_unlock(self);
#endif
}

/* case: sharded_rwlock_write_that_ends_as_read */
/* error clang: using shared access, expected exclusive */
void sharded_rwlock_write_that_ends_as_read(const struct im_raw_sharded_rwlock *self)
{
    if (!im_raw_sharded_rwlock_try_write(self))
        return;
#ifndef BROKEN_sharded_rwlock_write_that_ends_as_read
    im_raw_sharded_rwlock_downgrade(self);
#endif
    im_raw_sharded_rwlock_read_unlock(self);
}

/* case: sharded_rwlock_upgrade_of_what_is_not_held */
/* error clang: requires holding */
bool sharded_rwlock_upgrade(const struct im_raw_sharded_rwlock *self)
#ifndef BROKEN_sharded_rwlock_upgrade_of_what_is_not_held
    IM_REQUIRES_SHARED(*self)
#endif
{
    return im_raw_sharded_rwlock_try_upgrade(self);
}
