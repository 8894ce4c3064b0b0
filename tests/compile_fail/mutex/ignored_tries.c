/* SPDX-License-Identifier: MIT */
/* Nobody looks at what a try says. gcc warns of it when it makes code, and also behind a cast to void. */
/* options gcc: -fno-syntax-only -S -o /dev/null */
#include <intermut/mutex.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

typedef im_mutex(int) number_mutex;
typedef im_reentrant(int) number_reentrant;
typedef im_rwlock(int) number_rwlock;

/* case: ignored_mutex_try_lock */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_mutex_try_lock(const number_mutex *m)
{
#ifdef BROKEN_ignored_mutex_try_lock
    im_mutex_try_lock(m);
#else
    if (im_mutex_try_lock(m))
        return;
#endif
}

/* case: ignored_mutex_lock_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_mutex_lock_for(const number_mutex *m)
{
#ifdef BROKEN_ignored_mutex_lock_for
    im_mutex_lock_for(m, 1);
#else
    if (im_mutex_lock_for(m, 1))
        return;
#endif
}

/* case: ignored_mutex_lock_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_mutex_lock_until(const number_mutex *m)
{
#ifdef BROKEN_ignored_mutex_lock_until
    im_mutex_lock_until(m, 1);
#else
    if (im_mutex_lock_until(m, 1))
        return;
#endif
}

/* case: ignored_reentrant_try_lock */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_reentrant_try_lock(const number_reentrant *r)
{
#ifdef BROKEN_ignored_reentrant_try_lock
    im_reentrant_try_lock(r);
#else
    if (im_reentrant_try_lock(r))
        return;
#endif
}

/* case: ignored_reentrant_lock_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_reentrant_lock_for(const number_reentrant *r)
{
#ifdef BROKEN_ignored_reentrant_lock_for
    im_reentrant_lock_for(r, 1);
#else
    if (im_reentrant_lock_for(r, 1))
        return;
#endif
}

/* case: ignored_reentrant_lock_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_reentrant_lock_until(const number_reentrant *r)
{
#ifdef BROKEN_ignored_reentrant_lock_until
    im_reentrant_lock_until(r, 1);
#else
    if (im_reentrant_lock_until(r, 1))
        return;
#endif
}

/* case: ignored_rwlock_try_read */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_try_read(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_try_read
    im_rwlock_try_read(l);
#else
    if (im_rwlock_try_read(l))
        return;
#endif
}

/* case: ignored_rwlock_read_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_read_for(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_read_for
    im_rwlock_read_for(l, 1);
#else
    if (im_rwlock_read_for(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_read_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_read_until(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_read_until
    im_rwlock_read_until(l, 1);
#else
    if (im_rwlock_read_until(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_try_read_recursive */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_try_read_recursive(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_try_read_recursive
    im_rwlock_try_read_recursive(l);
#else
    if (im_rwlock_try_read_recursive(l))
        return;
#endif
}

/* case: ignored_rwlock_try_write */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_try_write(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_try_write
    im_rwlock_try_write(l);
#else
    if (im_rwlock_try_write(l))
        return;
#endif
}

/* case: ignored_rwlock_write_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_write_for(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_write_for
    im_rwlock_write_for(l, 1);
#else
    if (im_rwlock_write_for(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_write_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_write_until(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_write_until
    im_rwlock_write_until(l, 1);
#else
    if (im_rwlock_write_until(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_try_upgradable_read */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_try_upgradable_read(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_try_upgradable_read
    im_rwlock_try_upgradable_read(l);
#else
    if (im_rwlock_try_upgradable_read(l))
        return;
#endif
}

/* case: ignored_rwlock_upgradable_read_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_upgradable_read_for(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_upgradable_read_for
    im_rwlock_upgradable_read_for(l, 1);
#else
    if (im_rwlock_upgradable_read_for(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_upgradable_read_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_upgradable_read_until(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_upgradable_read_until
    im_rwlock_upgradable_read_until(l, 1);
#else
    if (im_rwlock_upgradable_read_until(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_try_upgrade */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_try_upgrade(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_try_upgrade
    im_rwlock_try_upgrade(l);
#else
    if (im_rwlock_try_upgrade(l))
        return;
#endif
}

/* case: ignored_rwlock_upgrade_for */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_upgrade_for(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_upgrade_for
    im_rwlock_upgrade_for(l, 1);
#else
    if (im_rwlock_upgrade_for(l, 1))
        return;
#endif
}

/* case: ignored_rwlock_upgrade_until */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_rwlock_upgrade_until(const number_rwlock *l)
{
#ifdef BROKEN_ignored_rwlock_upgrade_until
    im_rwlock_upgrade_until(l, 1);
#else
    if (im_rwlock_upgrade_until(l, 1))
        return;
#endif
}

/* case: ignored_raw_futex_try_lock */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_futex_try_lock(const struct im_raw_futex *l)
{
#ifdef BROKEN_ignored_raw_futex_try_lock
    im_raw_futex_try_lock(l);
#else
    if (im_raw_futex_try_lock(l))
        return;
#endif
}

/* case: ignored_raw_futex_lock_until */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_futex_lock_until(const struct im_raw_futex *l)
{
#ifdef BROKEN_ignored_raw_futex_lock_until
    im_raw_futex_lock_until(l, 1);
#else
    if (im_raw_futex_lock_until(l, 1))
        return;
#endif
}

/* case: ignored_raw_poisoning_try_lock */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_poisoning_try_lock(const struct im_raw_poisoning *l)
{
#ifdef BROKEN_ignored_raw_poisoning_try_lock
    im_raw_poisoning_try_lock(l);
#else
    if (im_raw_poisoning_try_lock(l))
        return;
#endif
}

/* case: ignored_raw_poisoning_lock_until */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_poisoning_lock_until(const struct im_raw_poisoning *l)
{
#ifdef BROKEN_ignored_raw_poisoning_lock_until
    im_raw_poisoning_lock_until(l, 1);
#else
    if (im_raw_poisoning_lock_until(l, 1))
        return;
#endif
}

/* case: ignored_raw_pthread_try_lock */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_pthread_try_lock(const struct im_raw_pthread *l)
{
#ifdef BROKEN_ignored_raw_pthread_try_lock
    im_raw_pthread_try_lock(l);
#else
    if (im_raw_pthread_try_lock(l))
        return;
#endif
}

/* case: ignored_raw_pthread_lock_until */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_pthread_lock_until(const struct im_raw_pthread *l)
{
#ifdef BROKEN_ignored_raw_pthread_lock_until
    im_raw_pthread_lock_until(l, 1);
#else
    if (im_raw_pthread_lock_until(l, 1))
        return;
#endif
}

/* case: ignored_raw_spinlock_try_lock */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_spinlock_try_lock(const struct im_raw_spinlock *l)
{
#ifdef BROKEN_ignored_raw_spinlock_try_lock
    im_raw_spinlock_try_lock(l);
#else
    if (im_raw_spinlock_try_lock(l))
        return;
#endif
}

/* case: ignored_raw_spinlock_lock_until */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_spinlock_lock_until(const struct im_raw_spinlock *l)
{
#ifdef BROKEN_ignored_raw_spinlock_lock_until
    im_raw_spinlock_lock_until(l, 1);
#else
    if (im_raw_spinlock_lock_until(l, 1))
        return;
#endif
}

/* case: ignored_raw_ticket_try_lock */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_ticket_try_lock(const struct im_raw_ticket *l)
{
#ifdef BROKEN_ignored_raw_ticket_try_lock
    im_raw_ticket_try_lock(l);
#else
    if (im_raw_ticket_try_lock(l))
        return;
#endif
}

/* case: ignored_raw_ticket_lock_until */
/* error gcc: ignoring return value of */
/* error clang: ignoring return value of function */
void use_ignored_raw_ticket_lock_until(const struct im_raw_ticket *l)
{
#ifdef BROKEN_ignored_raw_ticket_lock_until
    im_raw_ticket_lock_until(l, 1);
#else
    if (im_raw_ticket_lock_until(l, 1))
        return;
#endif
}
