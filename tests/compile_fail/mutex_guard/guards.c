/* SPDX-License-Identifier: MIT */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

/* case: filter_map_of_a_mutex */
/* error: mutex_guard: filter_map needs an im_mutex_guard */
void use_filter_map_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_filter_map_of_a_mutex
    (void)self;
    guard part = im_mutex_guard_filter_map(guard, other, p, p);
    (void)part;
#else
    (void)other;
    guard part = im_mutex_guard_filter_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: filter_map_to_another_type */
/* error: mutex_guard: filter_map needs a pointer to the T of the new guard */
void use_filter_map_to_another_type(guard *self, number *other)
{
#ifdef BROKEN_filter_map_to_another_type
    (void)self;
    (void)im_mutex_guard_filter_map(long_guard, self, p, p);
#else
    (void)other;
    (void)im_mutex_guard_filter_map(guard, self, p, p);
#endif
}

/* case: get_of_a_mutex */
/* error: mutex_guard: get needs an im_mutex_guard */
void use_get_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_get_of_a_mutex
    (void)self;
    (void)im_mutex_guard_get(other);
#else
    (void)other;
    (void)im_mutex_guard_get(self);
#endif
}

/* case: leak_of_a_mutex */
/* error: mutex_guard: leak needs an im_mutex_guard */
void use_leak_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_leak_of_a_mutex
    (void)self;
    (void)im_mutex_guard_leak(other);
#else
    (void)other;
    (void)im_mutex_guard_leak(self);
#endif
}

/* case: map_of_a_mutex */
/* error: mutex_guard: map needs an im_mutex_guard */
void use_map_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_map_of_a_mutex
    (void)self;
    guard part = im_mutex_guard_map(guard, other, p, p);
    (void)part;
#else
    (void)other;
    guard part = im_mutex_guard_map(guard, self, p, p);
    (void)part;
#endif
}

/* case: map_split_of_a_mutex */
/* error: mutex_guard: map_split needs an im_mutex_guard */
void use_map_split_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_map_split_of_a_mutex
    (void)self;
    guard part = {0};
    im_mutex_guard_map_split(other, p, (&part, p));
#else
    (void)other;
    guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#endif
}

/* case: map_split_to_another_type */
/* error: mutex_guard: map_split needs pairs (im_mutex_guard *, pointer to its T) */
void use_map_split_to_another_type(guard *self, number *other)
{
#ifdef BROKEN_map_split_to_another_type
    (void)self;
    long_guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#else
    (void)other;
    guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#endif
}

/* case: map_to_a_mutex */
/* error: mutex_guard: map makes an im_mutex_guard */
void use_map_to_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_map_to_a_mutex
    (void)self;
    (void)im_mutex_guard_map(number, self, p, p);
#else
    (void)other;
    (void)im_mutex_guard_map(guard, self, p, p);
#endif
}

/* case: map_to_another_type */
/* error: mutex_guard: map needs a pointer to the T of the new guard */
void use_map_to_another_type(guard *self, number *other)
{
#ifdef BROKEN_map_to_another_type
    (void)self;
    (void)im_mutex_guard_map(long_guard, self, p, p);
#else
    (void)other;
    (void)im_mutex_guard_map(guard, self, p, p);
#endif
}

/* case: move_of_a_mutex */
/* error: mutex_guard: move needs an im_mutex_guard */
void use_move_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_move_of_a_mutex
    (void)self;
    (void)im_mutex_guard_move(other);
#else
    (void)other;
    (void)im_mutex_guard_move(self);
#endif
}

/* case: release_fair_of_a_mutex */
/* error: mutex_guard: release_fair needs an im_mutex_guard */
void use_release_fair_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_release_fair_of_a_mutex
    (void)self;
    im_mutex_guard_release_fair(other);
#else
    (void)other;
    im_mutex_guard_release_fair(self);
#endif
}

/* case: release_of_a_mutex */
/* error: mutex_guard: release needs an im_mutex_guard */
void use_release_of_a_mutex(guard *self, number *other)
{
#ifdef BROKEN_release_of_a_mutex
    (void)self;
    im_mutex_guard_release(other);
#else
    (void)other;
    im_mutex_guard_release(self);
#endif
}
