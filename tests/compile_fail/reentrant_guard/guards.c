/* SPDX-License-Identifier: MIT */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

/* case: filter_map_of_a_lock */
/* error: reentrant_guard: filter_map needs an im_reentrant_guard */
void use_filter_map_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_filter_map_of_a_lock
    (void)lock, (void)self;
    guard part = im_reentrant_guard_filter_map(guard, lock, p, p);
    (void)part;
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_filter_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: filter_map_to_a_lock */
/* error: reentrant_guard: filter_map makes an im_reentrant_guard */
void use_filter_map_to_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_filter_map_to_a_lock
    (void)lock, (void)self;
    (void)im_reentrant_guard_filter_map(number_lock, self, p, p);
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_filter_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: filter_map_to_another_type */
/* error: reentrant_guard: filter_map needs a pointer to the T of the new guard */
void use_filter_map_to_another_type(const number_lock *lock, guard *self)
{
#ifdef BROKEN_filter_map_to_another_type
    (void)lock, (void)self;
    long_guard part = im_reentrant_guard_filter_map(long_guard, self, p, p);
    (void)part;
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_filter_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: get_of_a_lock */
/* error: reentrant_guard: get needs an im_reentrant_guard */
void use_get_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_get_of_a_lock
    (void)lock, (void)self;
    (void)im_reentrant_guard_get(lock);
#else
    (void)lock, (void)self;
    (void)im_reentrant_guard_get(self);
#endif
}

/* case: leak_of_a_lock */
/* error: reentrant_guard: leak needs an im_reentrant_guard */
void use_leak_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_leak_of_a_lock
    (void)lock, (void)self;
    (void)im_reentrant_guard_leak(lock);
#else
    (void)lock, (void)self;
    (void)im_reentrant_guard_leak(self);
#endif
}

/* case: lock_guard_of_a_guard */
/* error: reentrant: lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_lock_guard_of_a_guard(const number_lock *lock, guard *self)
{
#ifdef BROKEN_lock_guard_of_a_guard
    (void)lock, (void)self;
    guard held = im_reentrant_lock_guard(guard, self);
    (void)held;
#else
    (void)lock, (void)self;
    guard held = im_reentrant_lock_guard(guard, lock);
    (void)held;
#endif
}

/* case: lock_guard_of_another_type */
/* error: reentrant: lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_lock_guard_of_another_type(const number_lock *lock, guard *self)
{
#ifdef BROKEN_lock_guard_of_another_type
    (void)lock, (void)self;
    long_guard held = im_reentrant_lock_guard(long_guard, lock);
    (void)held;
#else
    (void)lock, (void)self;
    guard held = im_reentrant_lock_guard(guard, lock);
    (void)held;
#endif
}

/* case: map_of_a_lock */
/* error: reentrant_guard: map needs an im_reentrant_guard */
void use_map_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_map_of_a_lock
    (void)lock, (void)self;
    guard part = im_reentrant_guard_map(guard, lock, p, p);
    (void)part;
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: map_split_of_a_lock */
/* error: reentrant_guard: map_split needs an im_reentrant_guard */
void use_map_split_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_map_split_of_a_lock
    (void)lock, (void)self;
    guard part = {0};
    im_reentrant_guard_map_split(lock, p, (&part, p));
#else
    (void)lock, (void)self;
    guard part = {0};
    im_reentrant_guard_map_split(self, p, (&part, p));
#endif
}

/* case: map_split_to_another_type */
/* error: reentrant_guard: map_split needs pairs (im_reentrant_guard *, pointer to its T) */
void use_map_split_to_another_type(const number_lock *lock, guard *self)
{
#ifdef BROKEN_map_split_to_another_type
    (void)lock, (void)self;
    long_guard part = {0};
    im_reentrant_guard_map_split(self, p, (&part, p));
#else
    (void)lock, (void)self;
    guard part = {0};
    im_reentrant_guard_map_split(self, p, (&part, p));
#endif
}

/* case: map_to_a_lock */
/* error: reentrant_guard: map makes an im_reentrant_guard */
void use_map_to_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_map_to_a_lock
    (void)lock, (void)self;
    (void)im_reentrant_guard_map(number_lock, self, p, p);
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: map_to_another_type */
/* error: reentrant_guard: map needs a pointer to the T of the new guard */
void use_map_to_another_type(const number_lock *lock, guard *self)
{
#ifdef BROKEN_map_to_another_type
    (void)lock, (void)self;
    long_guard part = im_reentrant_guard_map(long_guard, self, p, p);
    (void)part;
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: move_of_a_lock */
/* error: reentrant_guard: move needs an im_reentrant_guard */
void use_move_of_a_lock(number_lock *lock, guard *self)
{
#ifdef BROKEN_move_of_a_lock
    (void)lock, (void)self;
    guard moved = im_reentrant_guard_move(lock);
    (void)moved;
#else
    (void)lock, (void)self;
    guard moved = im_reentrant_guard_move(self);
    (void)moved;
#endif
}

/* case: release_of_a_lock */
/* error: reentrant_guard: release needs an im_reentrant_guard */
void use_release_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_release_of_a_lock
    (void)lock, (void)self;
    im_reentrant_guard_release(lock);
#else
    (void)lock, (void)self;
    im_reentrant_guard_release(self);
#endif
}

/* case: try_lock_guard_of_a_guard */
/* error: reentrant: try_lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_try_lock_guard_of_a_guard(const number_lock *lock, guard *self)
{
#ifdef BROKEN_try_lock_guard_of_a_guard
    (void)lock, (void)self;
    guard held = im_reentrant_try_lock_guard(guard, self);
    (void)held;
#else
    (void)lock, (void)self;
    guard held = im_reentrant_try_lock_guard(guard, lock);
    (void)held;
#endif
}

/* case: try_lock_guard_of_another_type */
/* error: reentrant: try_lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_try_lock_guard_of_another_type(const number_lock *lock, guard *self)
{
#ifdef BROKEN_try_lock_guard_of_another_type
    (void)lock, (void)self;
    long_guard held = im_reentrant_try_lock_guard(long_guard, lock);
    (void)held;
#else
    (void)lock, (void)self;
    guard held = im_reentrant_try_lock_guard(guard, lock);
    (void)held;
#endif
}

/* case: unlocked_of_a_lock */
/* error: reentrant_guard: unlocked needs an im_reentrant_guard */
void use_unlocked_of_a_lock(const number_lock *lock, guard *self)
{
#ifdef BROKEN_unlocked_of_a_lock
    (void)lock, (void)self;
    im_reentrant_guard_unlocked(lock){}
#else
    (void)lock, (void)self;
    im_reentrant_guard_unlocked(self)
    {
    }
#endif
}

/* case: write_through_a_guard */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_guard(const number_lock *lock, guard *self)
{
#ifdef BROKEN_write_through_a_guard
    (void)lock, (void)self;
    *im_reentrant_guard_get(self) = 1;
#else
    (void)lock, (void)self;
    (void)*im_reentrant_guard_get(self);
#endif
}
