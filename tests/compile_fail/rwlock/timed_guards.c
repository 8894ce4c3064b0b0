/* SPDX-License-Identifier: MIT */
#include <intermut/rwlock.h>

typedef im_rwlock(int) number;
typedef im_read_guard(int) read_guard;
typedef im_write_guard(int) write_guard;
typedef im_upgradable_guard(int) upgradable_guard;
typedef im_read_guard(long) long_read_guard;
typedef im_write_guard(long) long_write_guard;
typedef im_upgradable_guard(long) long_upgradable_guard;

/* case: read_guard_for_of_another_type */
/* error: rwlock: read_guard_for needs an im_read_guard(T) and an im_rwlock(T) */
void use_read_guard_for_of_another_type(const number *self)
{
#ifdef BROKEN_read_guard_for_of_another_type
    long_read_guard held = im_rwlock_read_guard_for(long_read_guard, self, 1);
#else
    read_guard held = im_rwlock_read_guard_for(read_guard, self, 1);
#endif
    (void)held;
}

/* case: read_guard_until_of_another_type */
/* error: rwlock: read_guard_until needs an im_read_guard(T) and an im_rwlock(T) */
void use_read_guard_until_of_another_type(const number *self)
{
#ifdef BROKEN_read_guard_until_of_another_type
    long_read_guard held = im_rwlock_read_guard_until(long_read_guard, self, 1);
#else
    read_guard held = im_rwlock_read_guard_until(read_guard, self, 1);
#endif
    (void)held;
}

/* case: write_guard_for_of_another_type */
/* error: rwlock: write_guard_for needs an im_write_guard(T) and an im_rwlock(T) */
void use_write_guard_for_of_another_type(const number *self)
{
#ifdef BROKEN_write_guard_for_of_another_type
    long_write_guard held = im_rwlock_write_guard_for(long_write_guard, self, 1);
#else
    write_guard held = im_rwlock_write_guard_for(write_guard, self, 1);
#endif
    (void)held;
}

/* case: write_guard_until_of_another_type */
/* error: rwlock: write_guard_until needs an im_write_guard(T) and an im_rwlock(T) */
void use_write_guard_until_of_another_type(const number *self)
{
#ifdef BROKEN_write_guard_until_of_another_type
    long_write_guard held = im_rwlock_write_guard_until(long_write_guard, self, 1);
#else
    write_guard held = im_rwlock_write_guard_until(write_guard, self, 1);
#endif
    (void)held;
}

/* case: upgradable_guard_for_of_another_type */
/* error: rwlock: upgradable_guard_for needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_upgradable_guard_for_of_another_type(const number *self)
{
#ifdef BROKEN_upgradable_guard_for_of_another_type
    long_upgradable_guard held = im_rwlock_upgradable_guard_for(long_upgradable_guard, self, 1);
#else
    upgradable_guard held = im_rwlock_upgradable_guard_for(upgradable_guard, self, 1);
#endif
    (void)held;
}

/* case: upgradable_guard_until_of_another_type */
/* error: rwlock: upgradable_guard_until needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_upgradable_guard_until_of_another_type(const number *self)
{
#ifdef BROKEN_upgradable_guard_until_of_another_type
    long_upgradable_guard held = im_rwlock_upgradable_guard_until(long_upgradable_guard, self, 1);
#else
    upgradable_guard held = im_rwlock_upgradable_guard_until(upgradable_guard, self, 1);
#endif
    (void)held;
}
