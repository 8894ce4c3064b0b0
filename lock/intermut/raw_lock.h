/* SPDX-License-Identifier: MIT */
/**
 * @file raw_lock.h
 * What a raw lock is: the words and functions behind im_mutex(T), which know nothing of the value. No code is here.
 *
 * Programs use <intermut/mutex.h>; this is for who adds a kind of lock. A raw lock called NAME is a struct NAME and the
 * functions below. All take a pointer to const, as a lock is shared by its nature; the struct changes through
 * im_unsafe_unconst(). Zeroed is unlocked, and an unlocked lock may be moved by its bytes.
 *
 * | function                                         | what it does                                             |
 * |--------------------------------------------------|----------------------------------------------------------|
 * | void NAME_lock(const struct NAME *)              | wait until it is this thread's. Acquire                  |
 * | bool NAME_try_lock(const struct NAME *)          | take it if that is possible now; never waits. Acquire    |
 * | bool NAME_lock_until(const struct NAME *, uint64_t deadline_ns) | wait for it, but not longer than until    |
 * |                                                  | CLOCK_MONOTONIC is at deadline_ns (IM_SYNC_FOREVER: for  |
 * |                                                  | ever). A deadline in the past: try once. Acquire         |
 * | bool NAME_unlock(const struct NAME *)            | give it back. False, and nothing changed: it was not     |
 * |                                                  | locked, as far as the lock can tell. Release             |
 * | bool NAME_unlock_fair(const struct NAME *)       | the same, and who waits longest has it next, if the lock |
 * |                                                  | can do that                                              |
 * | bool NAME_is_locked(const struct NAME *)         | whether somebody holds it now; relaxed, only a look      |
 * | bool NAME_is_contended(const struct NAME *)      | for its holder: whether somebody may be waiting; relaxed |
 *
 * Each acquire meets the release of the unlock before it. Hot paths are static inline, waiting is in a .c file.
 * None touches errno, panics, or is a cancellation point; a signal handler that interrupts a wait does not end it.
 *
 * The typed macros, not the raw locks, call the hooks of <intermut/lock_checked.h>, under `if (IM_CHECKED)`. The raw locks
 * tell ThreadSanitizer and Helgrind (<intermut/lock_tools.h>).
 */
#ifndef INTERMUT_RAW_LOCK_H
#define INTERMUT_RAW_LOCK_H

#include <intermut/backoff.h>
#include <intermut/sync.h>
#include <intermut/unsafe_cell.h>

/** The moment `duration_ns` from now on CLOCK_MONOTONIC; IM_SYNC_FOREVER when that is beyond counting. */
static inline uint64_t im_lock_deadline(uint64_t duration_ns)
{
    uint64_t deadline_ns;
    if (__builtin_add_overflow(im_sync_now_ns(), duration_ns, &deadline_ns))
        return IM_SYNC_FOREVER;
    return deadline_ns;
}

#endif
