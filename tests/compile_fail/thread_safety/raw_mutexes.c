/* SPDX-License-Identifier: MIT */
/* The mutexes of programs that use a raw lock by itself. */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/raw_futex.h>
#include <intermut/raw_poisoning.h>
#include <intermut/raw_pthread.h>
#include <intermut/raw_reentrant.h>
#include <intermut/raw_spinlock.h>
#include <intermut/raw_ticket.h>

/* case: futex_unlock_without_lock */
/* error clang: that was not held */
void futex_unlock_without_lock(const struct im_raw_futex *self)
{
#ifndef BROKEN_futex_unlock_without_lock
    im_raw_futex_lock(self);
#endif
    im_raw_futex_unlock(self);
}

/* case: futex_lock_twice */
/* error clang: that is already held */
void futex_lock_twice(const struct im_raw_futex *self)
{
    im_raw_futex_lock(self);
#ifdef BROKEN_futex_lock_twice
    im_raw_futex_lock(self);
#endif
    im_raw_futex_unlock(self);
}

/* case: futex_return_while_held */
/* error clang: is not held on every path through here */
void futex_return_while_held(const struct im_raw_futex *self, bool early)
{
    im_raw_futex_lock(self);
#ifdef BROKEN_futex_return_while_held
    if (early)
        return;
#endif
    im_raw_futex_unlock_fair(self);
}

/* case: futex_try_without_a_look */
/* error clang: that was not held */
void futex_try_without_a_look(const struct im_raw_futex *self)
{
    bool taken = im_raw_futex_try_lock(self);
#ifdef BROKEN_futex_try_without_a_look
    (void)taken;
#else
    if (!taken)
        return;
#endif
    im_raw_futex_unlock(self);
}

/* case: futex_lock_until_no_unlock */
/* error clang: is not held on every path through here */
bool futex_lock_until_no_unlock(const struct im_raw_futex *self, uint64_t deadline_ns)
{
    if (!im_raw_futex_lock_until(self, deadline_ns))
        return false;
#ifndef BROKEN_futex_lock_until_no_unlock
    im_raw_futex_unlock(self);
#endif
    return true;
}

/* case: poisoning_unlock_without_lock */
/* error clang: that was not held */
void poisoning_unlock_without_lock(const struct im_raw_poisoning *self)
{
#ifndef BROKEN_poisoning_unlock_without_lock
    im_raw_poisoning_lock(self);
#endif
    im_raw_poisoning_unlock(self);
}

/* case: poisoning_lock_twice */
/* error clang: that is already held */
void poisoning_lock_twice(const struct im_raw_poisoning *self)
{
    im_raw_poisoning_lock(self);
#ifdef BROKEN_poisoning_lock_twice
    im_raw_poisoning_lock(self);
#endif
    im_raw_poisoning_unlock(self);
}

/* case: poisoning_return_while_held */
/* error clang: is not held on every path through here */
void poisoning_return_while_held(const struct im_raw_poisoning *self, bool early)
{
    im_raw_poisoning_lock(self);
#ifdef BROKEN_poisoning_return_while_held
    if (early)
        return;
#endif
    im_raw_poisoning_unlock_fair(self);
}

/* case: poisoning_try_without_a_look */
/* error clang: that was not held */
void poisoning_try_without_a_look(const struct im_raw_poisoning *self)
{
    bool taken = im_raw_poisoning_try_lock(self);
#ifdef BROKEN_poisoning_try_without_a_look
    (void)taken;
#else
    if (!taken)
        return;
#endif
    im_raw_poisoning_unlock(self);
}

/* case: poisoning_lock_until_no_unlock */
/* error clang: is not held on every path through here */
bool poisoning_lock_until_no_unlock(const struct im_raw_poisoning *self, uint64_t deadline_ns)
{
    if (!im_raw_poisoning_lock_until(self, deadline_ns))
        return false;
#ifndef BROKEN_poisoning_lock_until_no_unlock
    im_raw_poisoning_unlock(self);
#endif
    return true;
}

/* case: pthread_unlock_without_lock */
/* error clang: that was not held */
void pthread_unlock_without_lock(const struct im_raw_pthread *self)
{
#ifndef BROKEN_pthread_unlock_without_lock
    im_raw_pthread_lock(self);
#endif
    im_raw_pthread_unlock(self);
}

/* case: pthread_lock_twice */
/* error clang: that is already held */
void pthread_lock_twice(const struct im_raw_pthread *self)
{
    im_raw_pthread_lock(self);
#ifdef BROKEN_pthread_lock_twice
    im_raw_pthread_lock(self);
#endif
    im_raw_pthread_unlock(self);
}

/* case: pthread_return_while_held */
/* error clang: is not held on every path through here */
void pthread_return_while_held(const struct im_raw_pthread *self, bool early)
{
    im_raw_pthread_lock(self);
#ifdef BROKEN_pthread_return_while_held
    if (early)
        return;
#endif
    im_raw_pthread_unlock_fair(self);
}

/* case: pthread_try_without_a_look */
/* error clang: that was not held */
void pthread_try_without_a_look(const struct im_raw_pthread *self)
{
    bool taken = im_raw_pthread_try_lock(self);
#ifdef BROKEN_pthread_try_without_a_look
    (void)taken;
#else
    if (!taken)
        return;
#endif
    im_raw_pthread_unlock(self);
}

/* case: pthread_lock_until_no_unlock */
/* error clang: is not held on every path through here */
bool pthread_lock_until_no_unlock(const struct im_raw_pthread *self, uint64_t deadline_ns)
{
    if (!im_raw_pthread_lock_until(self, deadline_ns))
        return false;
#ifndef BROKEN_pthread_lock_until_no_unlock
    im_raw_pthread_unlock(self);
#endif
    return true;
}

/* case: spinlock_unlock_without_lock */
/* error clang: that was not held */
void spinlock_unlock_without_lock(const struct im_raw_spinlock *self)
{
#ifndef BROKEN_spinlock_unlock_without_lock
    im_raw_spinlock_lock(self);
#endif
    im_raw_spinlock_unlock(self);
}

/* case: spinlock_lock_twice */
/* error clang: that is already held */
void spinlock_lock_twice(const struct im_raw_spinlock *self)
{
    im_raw_spinlock_lock(self);
#ifdef BROKEN_spinlock_lock_twice
    im_raw_spinlock_lock(self);
#endif
    im_raw_spinlock_unlock(self);
}

/* case: spinlock_return_while_held */
/* error clang: is not held on every path through here */
void spinlock_return_while_held(const struct im_raw_spinlock *self, bool early)
{
    im_raw_spinlock_lock(self);
#ifdef BROKEN_spinlock_return_while_held
    if (early)
        return;
#endif
    im_raw_spinlock_unlock_fair(self);
}

/* case: spinlock_try_without_a_look */
/* error clang: that was not held */
void spinlock_try_without_a_look(const struct im_raw_spinlock *self)
{
    bool taken = im_raw_spinlock_try_lock(self);
#ifdef BROKEN_spinlock_try_without_a_look
    (void)taken;
#else
    if (!taken)
        return;
#endif
    im_raw_spinlock_unlock(self);
}

/* case: spinlock_lock_until_no_unlock */
/* error clang: is not held on every path through here */
bool spinlock_lock_until_no_unlock(const struct im_raw_spinlock *self, uint64_t deadline_ns)
{
    if (!im_raw_spinlock_lock_until(self, deadline_ns))
        return false;
#ifndef BROKEN_spinlock_lock_until_no_unlock
    im_raw_spinlock_unlock(self);
#endif
    return true;
}

/* case: ticket_unlock_without_lock */
/* error clang: that was not held */
void ticket_unlock_without_lock(const struct im_raw_ticket *self)
{
#ifndef BROKEN_ticket_unlock_without_lock
    im_raw_ticket_lock(self);
#endif
    im_raw_ticket_unlock(self);
}

/* case: ticket_lock_twice */
/* error clang: that is already held */
void ticket_lock_twice(const struct im_raw_ticket *self)
{
    im_raw_ticket_lock(self);
#ifdef BROKEN_ticket_lock_twice
    im_raw_ticket_lock(self);
#endif
    im_raw_ticket_unlock(self);
}

/* case: ticket_return_while_held */
/* error clang: is not held on every path through here */
void ticket_return_while_held(const struct im_raw_ticket *self, bool early)
{
    im_raw_ticket_lock(self);
#ifdef BROKEN_ticket_return_while_held
    if (early)
        return;
#endif
    im_raw_ticket_unlock_fair(self);
}

/* case: ticket_try_without_a_look */
/* error clang: that was not held */
void ticket_try_without_a_look(const struct im_raw_ticket *self)
{
    bool taken = im_raw_ticket_try_lock(self);
#ifdef BROKEN_ticket_try_without_a_look
    (void)taken;
#else
    if (!taken)
        return;
#endif
    im_raw_ticket_unlock(self);
}

/* case: ticket_lock_until_no_unlock */
/* error clang: is not held on every path through here */
bool ticket_lock_until_no_unlock(const struct im_raw_ticket *self, uint64_t deadline_ns)
{
    if (!im_raw_ticket_lock_until(self, deadline_ns))
        return false;
#ifndef BROKEN_ticket_lock_until_no_unlock
    im_raw_ticket_unlock(self);
#endif
    return true;
}

static void needs_it(const struct im_raw_reentrant *self) IM_REQUIRES(*self)
{
    (void)self;
}

/* case: reentrant_call_without_lock */
/* error clang: requires holding */
void reentrant_call_without_lock(const struct im_raw_reentrant *self)
{
#ifndef BROKEN_reentrant_call_without_lock
    im_raw_reentrant_lock(self, IM_PLACE("it"));
#endif
    needs_it(self);
#ifndef BROKEN_reentrant_call_without_lock
    im_raw_reentrant_unlock(self, IM_PLACE("it"));
#endif
}
