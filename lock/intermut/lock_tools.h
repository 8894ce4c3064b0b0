/* SPDX-License-Identifier: MIT */
/**
 * @file lock_tools.h
 * What the raw locks tell ThreadSanitizer and Helgrind, besides what these see for themselves.
 *
 * Internal: installed because inline functions of other headers need it.
 *
 * ThreadSanitizer understands the atomics of a lock, so races are found without this. With it, it knows that these
 * atomics are a lock: it reports an order of locks that may deadlock, a lock destroyed while held, and names the locks
 * held at a race. Helgrind takes no atomics for synchronisation, and would report every access to the value; it is told
 * in programs compiled with -DIM_HELGRIND=1 (Debian: package valgrind). In all other builds nothing is left of this.
 *
 * A holder that has to unlock once more, since its guard is split, says im_lock_tools_lock_again().
 * A raw lock calls, in this order: im_lock_tools_locking(), its own instructions, im_lock_tools_locked(); and
 * im_lock_tools_unlocking(), its instructions, im_lock_tools_unlocked(). `how` is the same in all: readers say
 * IM_LOCK_TOOLS_READ, what may fail IM_LOCK_TOOLS_TRY.
 */
#ifndef INTERMUT_LOCK_TOOLS_H
#define INTERMUT_LOCK_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include <intermut/unsafe_cell.h>

/* The numbers are those of sanitizer/tsan_interface.h. */
enum im_lock_tools_how { IM_LOCK_TOOLS_WRITE = 0, IM_LOCK_TOOLS_READ = 1 << 3, IM_LOCK_TOOLS_TRY = 1 << 4 };

#ifndef IM_HELGRIND
#define IM_HELGRIND 0
#endif

#if IM_HELGRIND && !IM_THREAD_SANITIZER
#include <valgrind/helgrind.h>
#endif

/** Whether one of them is told. */
#if IM_HELGRIND || IM_THREAD_SANITIZER
#define IM_LOCK_TOOLS 1
#else
#define IM_LOCK_TOOLS 0
#endif

/**
 * These bytes are the lock's own, and Helgrind is not to look at them: it knows locked instructions, but takes a relaxed
 * or release store for a plain one.
 */
static inline void im_lock_tools_are_atomics(const void *object, size_t bytes)
{
#if IM_HELGRIND && !IM_THREAD_SANITIZER
    VALGRIND_HG_DISABLE_CHECKING(object, bytes);
#endif
    (void)object, (void)bytes;
}

#if IM_THREAD_SANITIZER

IM_BEGIN_DECLS
void __tsan_mutex_pre_lock(void *address, unsigned flags);
void __tsan_mutex_post_lock(void *address, unsigned flags, int recursion);
int __tsan_mutex_pre_unlock(void *address, unsigned flags);
void __tsan_mutex_post_unlock(void *address, unsigned flags);
void __tsan_mutex_destroy(void *address, unsigned flags);
IM_END_DECLS

/*
 * A lock is created by its first use, as it needs no initialiser. It is not called initialised by the linker: then the tool would take
 * no notice of its end, and give its place in the order of locks to the next lock at this address.
 */
enum { IM__LOCK_TOOLS_FAILED = 1 << 5 };

static inline void im_lock_tools_locking(const void *lock, unsigned how)
{
    __tsan_mutex_pre_lock(im_unsafe_unconst(lock), how);
}

static inline void im_lock_tools_locked(const void *lock, unsigned how, bool success)
{
    unsigned result = success ? 0 : IM_LOCK_TOOLS_TRY | IM__LOCK_TOOLS_FAILED;
    __tsan_mutex_post_lock(im_unsafe_unconst(lock), how | result, 1);
}

static inline void im_lock_tools_unlocking(const void *lock, unsigned how)
{
    __tsan_mutex_pre_unlock(im_unsafe_unconst(lock), how & IM_LOCK_TOOLS_READ);
}

static inline void im_lock_tools_unlocked(const void *lock, unsigned how)
{
    __tsan_mutex_post_unlock(im_unsafe_unconst(lock), how & IM_LOCK_TOOLS_READ);
}

/* Reentrant only now: that a lock is taken twice elsewhere is an error that the tool is to report. */
static inline void im_lock_tools_lock_again(const void *lock)
{
    enum { REENTRANT = 1 << 1 };
    __tsan_mutex_pre_lock(im_unsafe_unconst(lock), IM_LOCK_TOOLS_TRY | REENTRANT);
    __tsan_mutex_post_lock(im_unsafe_unconst(lock), IM_LOCK_TOOLS_TRY | REENTRANT, 1);
}

static inline void im_lock_tools_destroyed(const void *lock)
{
    __tsan_mutex_destroy(im_unsafe_unconst(lock), 0);
}

#elif IM_HELGRIND

static inline void im_lock_tools_locking(const void *lock, unsigned how)
{
    (void)lock, (void)how;
}

static inline void im_lock_tools_locked(const void *lock, unsigned how, bool success)
{
    (void)how;
    if (success)
        ANNOTATE_RWLOCK_ACQUIRED(lock, !(how & IM_LOCK_TOOLS_READ));
}

static inline void im_lock_tools_unlocking(const void *lock, unsigned how)
{
    (void)how;
    ANNOTATE_RWLOCK_RELEASED(lock, !(how & IM_LOCK_TOOLS_READ));
}

static inline void im_lock_tools_unlocked(const void *lock, unsigned how)
{
    (void)lock, (void)how;
}

static inline void im_lock_tools_lock_again(const void *lock)
{
    ANNOTATE_RWLOCK_ACQUIRED(lock, 1);
}

static inline void im_lock_tools_destroyed(const void *lock)
{
    /* Created first, as it may never have been locked, which Helgrind takes for an error. */
    ANNOTATE_RWLOCK_CREATE(lock);
    ANNOTATE_RWLOCK_DESTROY(lock);
}

#else

static inline void im_lock_tools_locking(const void *lock, unsigned how)
{
    (void)lock, (void)how;
}

static inline void im_lock_tools_locked(const void *lock, unsigned how, bool success)
{
    (void)lock, (void)how, (void)success;
}

static inline void im_lock_tools_unlocking(const void *lock, unsigned how)
{
    (void)lock, (void)how;
}

static inline void im_lock_tools_unlocked(const void *lock, unsigned how)
{
    (void)lock, (void)how;
}

static inline void im_lock_tools_lock_again(const void *lock)
{
    (void)lock;
}

static inline void im_lock_tools_destroyed(const void *lock)
{
    (void)lock;
}

#endif

#endif
