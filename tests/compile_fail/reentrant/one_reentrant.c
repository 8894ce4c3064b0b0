/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_cell(int) plain;

/* case: is_held_by_me_of_a_cell */
/* error: reentrant: is_held_by_me needs an im_reentrant */
void use_is_held_by_me_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_is_held_by_me_of_a_cell
    (void)self;
    (void)im_reentrant_is_held_by_me(other);
#else
    (void)other;
    (void)im_reentrant_is_held_by_me(self);
#endif
}

/* case: is_locked_of_a_cell */
/* error: reentrant: is_locked needs an im_reentrant */
void use_is_locked_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_is_locked_of_a_cell
    (void)self;
    (void)im_reentrant_is_locked(other);
#else
    (void)other;
    (void)im_reentrant_is_locked(self);
#endif
}

/* case: lock_for_of_a_cell */
/* error: reentrant: lock_for needs an im_reentrant */
void use_lock_for_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_for_of_a_cell
    (void)self;
    (void)im_reentrant_lock_for(other, 1);
#else
    (void)other;
    (void)im_reentrant_lock_for(self, 1);
#endif
}

/* case: lock_of_a_cell */
/* error: reentrant: lock needs an im_reentrant */
void use_lock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_of_a_cell
    (void)self;
    (void)im_reentrant_lock(other);
#else
    (void)other;
    (void)im_reentrant_lock(self);
#endif
}

/* case: lock_until_of_a_cell */
/* error: reentrant: lock_until needs an im_reentrant */
void use_lock_until_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_until_of_a_cell
    (void)self;
    (void)im_reentrant_lock_until(other, 1);
#else
    (void)other;
    (void)im_reentrant_lock_until(self, 1);
#endif
}

/* case: try_lock_of_a_cell */
/* error: reentrant: try_lock needs an im_reentrant */
void use_try_lock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_lock_of_a_cell
    (void)self;
    (void)im_reentrant_try_lock(other);
#else
    (void)other;
    (void)im_reentrant_try_lock(self);
#endif
}

/* case: try_with_for_of_a_cell */
/* error: reentrant: try_with_for needs an im_reentrant */
void use_try_with_for_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_for_of_a_cell
    (void)self;
    im_reentrant_try_with_for(p, other, 1)(void) * p;
#else
    (void)other;
    im_reentrant_try_with_for(p, self, 1)(void) * p;
#endif
}

/* case: try_with_of_a_cell */
/* error: reentrant: try_with needs an im_reentrant */
void use_try_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_of_a_cell
    (void)self;
    im_reentrant_try_with(p, other)(void) * p;
#else
    (void)other;
    im_reentrant_try_with(p, self)(void) * p;
#endif
}

/* case: try_with_until_of_a_cell */
/* error: reentrant: try_with_until needs an im_reentrant */
void use_try_with_until_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_until_of_a_cell
    (void)self;
    im_reentrant_try_with_until(p, other, 1)(void) * p;
#else
    (void)other;
    im_reentrant_try_with_until(p, self, 1)(void) * p;
#endif
}

/* case: unlock_of_a_cell */
/* error: reentrant: unlock needs an im_reentrant */
void use_unlock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_unlock_of_a_cell
    (void)self;
    im_reentrant_unlock(other);
#else
    (void)other;
    im_reentrant_unlock(self);
#endif
}

/* case: value_of_a_cell */
/* error: reentrant: value needs an im_reentrant */
void use_value_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_value_of_a_cell
    (void)self;
    (void)im_reentrant_value(other);
#else
    (void)other;
    (void)im_reentrant_value(self);
#endif
}

/* case: with_of_a_cell */
/* error: reentrant: with needs an im_reentrant */
void use_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_with_of_a_cell
    (void)self;
    im_reentrant_with(p, other)(void) * p;
#else
    (void)other;
    im_reentrant_with(p, self)(void) * p;
#endif
}
