/* SPDX-License-Identifier: MIT */
/**
 * @file lock_checked.h
 * What the locks tell the checked build: who waits for what, who holds what.
 *
 * Programs do not call these. The typed macros do, under `if (IM_CHECKED)`, so a plain build pays nothing; the functions
 * are there in each build. `lock` is the address of the im_mutex (or what it is), `place` where the program names it.
 */
#ifndef INTERMUT_LOCK_CHECKED_H
#define INTERMUT_LOCK_CHECKED_H

#include <intermut/checked.h>

/** In what way a lock is held. */
enum im_lock_mode {
    IM_LOCK_EXCLUSIVE,        /**< alone */
    IM_LOCK_SHARED,           /**< with other readers */
    IM_LOCK_SHARED_RECURSIVE, /**< the same, by a thread that may be a reader already */
    IM_LOCK_UPGRADABLE,       /**< with readers, but with no other of this kind */
    IM_LOCK_REENTRANT,        /**< alone, by a thread that may have it already */
};

IM_BEGIN_DECLS

/** Before an acquisition that may block. Panics when it would wait for itself, or may close a circle of waiting. */
void im_lock_checked_waiting(const void *lock, enum im_lock_mode mode, const struct im_place *place);

/** This thread has it now. `tried`: by a form that does not wait. */
void im_lock_checked_acquired(const void *lock, enum im_lock_mode mode, bool tried, const struct im_place *place);

/** Before this thread gives it back. Panics when this thread does not hold it. */
void im_lock_checked_released(const void *lock, enum im_lock_mode mode, const struct im_place *place);

/** Before the lock ends. Panics when somebody holds it. */
void im_lock_checked_destroyed(const void *lock, const struct im_place *place);

/** This thread keeps it, in another mode. */
void im_lock_checked_convert(const void *lock, enum im_lock_mode from, enum im_lock_mode to,
                             const struct im_place *place);

IM_END_DECLS

#endif
