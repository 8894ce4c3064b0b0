/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

/* case: bump_of_a_cell */
/* error: mutex: bump needs an im_mutex */
void use_bump_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_bump_of_a_cell
    (void)self;
    im_mutex_bump(other);
#else
    (void)other;
    im_mutex_bump(self);
#endif
}

/* case: destroy_of_a_cell */
/* error: mutex: destroy needs an im_mutex */
void use_destroy_of_a_cell(number *self, plain *other)
{
#ifdef BROKEN_destroy_of_a_cell
    (void)self;
    im_mutex_destroy(other);
#else
    (void)other;
    im_mutex_destroy(self);
#endif
}

/* case: fork_child_of_a_cell */
/* error: mutex: fork_child needs an im_mutex */
void use_fork_child_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_fork_child_of_a_cell
    (void)self;
    im_mutex_fork_child(other);
#else
    (void)other;
    im_mutex_fork_child(self);
#endif
}

/* case: fork_parent_of_a_cell */
/* error: mutex: fork_parent needs an im_mutex */
void use_fork_parent_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_fork_parent_of_a_cell
    (void)self;
    im_mutex_fork_parent(other);
#else
    (void)other;
    im_mutex_fork_parent(self);
#endif
}

/* case: fork_prepare_of_a_cell */
/* error: mutex: fork_prepare needs an im_mutex */
void use_fork_prepare_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_fork_prepare_of_a_cell
    (void)self;
    im_mutex_fork_prepare(other);
#else
    (void)other;
    im_mutex_fork_prepare(self);
#endif
}

/* case: get_mut_of_a_cell */
/* error: mutex: get_mut needs an im_mutex */
void use_get_mut_of_a_cell(number *self, plain *other)
{
#ifdef BROKEN_get_mut_of_a_cell
    (void)self;
    (void)im_mutex_get_mut(other);
#else
    (void)other;
    (void)im_mutex_get_mut(self);
#endif
}

/* case: into_inner_of_a_cell */
/* error: mutex: into_inner needs an im_mutex */
void use_into_inner_of_a_cell(number *self, plain *other)
{
#ifdef BROKEN_into_inner_of_a_cell
    (void)self;
    (void)im_mutex_into_inner(other);
#else
    (void)other;
    (void)im_mutex_into_inner(self);
#endif
}

/* case: is_locked_of_a_cell */
/* error: mutex: is_locked needs an im_mutex */
void use_is_locked_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_is_locked_of_a_cell
    (void)self;
    (void)im_mutex_is_locked(other);
#else
    (void)other;
    (void)im_mutex_is_locked(self);
#endif
}

/* case: lock2_with_a_cell */
/* error: mutex: lock2 needs two im_mutexes */
void use_lock2_with_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock2_with_a_cell
    (void)self;
    im_lock2(a, self, b, other) *a = *b;
#else
    (void)other;
    im_lock2(a, self, b, self) *a = *b;
#endif
}

/* case: lock_anyway_of_a_cell */
/* error: mutex: lock_anyway needs an im_mutex */
void use_lock_anyway_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_anyway_of_a_cell
    (void)self;
    (void)im_mutex_lock_anyway(other);
#else
    (void)other;
    (void)im_mutex_lock_anyway(self);
#endif
}

/* case: lock_for_of_a_cell */
/* error: mutex: lock_for needs an im_mutex */
void use_lock_for_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_for_of_a_cell
    (void)self;
    (void)im_mutex_lock_for(other, 1);
#else
    (void)other;
    (void)im_mutex_lock_for(self, 1);
#endif
}

/* case: lock_of_a_cell */
/* error: mutex: lock needs an im_mutex */
void use_lock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_of_a_cell
    (void)self;
    (void)im_mutex_lock(other);
#else
    (void)other;
    (void)im_mutex_lock(self);
#endif
}

/* case: lock_until_of_a_cell */
/* error: mutex: lock_until needs an im_mutex */
void use_lock_until_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_lock_until_of_a_cell
    (void)self;
    (void)im_mutex_lock_until(other, 1);
#else
    (void)other;
    (void)im_mutex_lock_until(self, 1);
#endif
}

/* case: try_lock_of_a_cell */
/* error: mutex: try_lock needs an im_mutex */
void use_try_lock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_lock_of_a_cell
    (void)self;
    (void)im_mutex_try_lock(other);
#else
    (void)other;
    (void)im_mutex_try_lock(self);
#endif
}

/* case: try_with_for_of_a_cell */
/* error: mutex: try_with_for needs an im_mutex */
void use_try_with_for_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_for_of_a_cell
    (void)self;
    im_mutex_try_with_for(p, other, 1) *p = 1;
#else
    (void)other;
    im_mutex_try_with_for(p, self, 1) *p = 1;
#endif
}

/* case: try_with_of_a_cell */
/* error: mutex: try_with needs an im_mutex */
void use_try_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_of_a_cell
    (void)self;
    im_mutex_try_with(p, other) *p = 1;
#else
    (void)other;
    im_mutex_try_with(p, self) *p = 1;
#endif
}

/* case: try_with_until_of_a_cell */
/* error: mutex: try_with_until needs an im_mutex */
void use_try_with_until_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_until_of_a_cell
    (void)self;
    im_mutex_try_with_until(p, other, 1) *p = 1;
#else
    (void)other;
    im_mutex_try_with_until(p, self, 1) *p = 1;
#endif
}

/* case: unlock_fair_of_a_cell */
/* error: mutex: unlock_fair needs an im_mutex */
void use_unlock_fair_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_unlock_fair_of_a_cell
    (void)self;
    im_mutex_unlock_fair(other);
#else
    (void)other;
    im_mutex_unlock_fair(self);
#endif
}

/* case: unlock_of_a_cell */
/* error: mutex: unlock needs an im_mutex */
void use_unlock_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_unlock_of_a_cell
    (void)self;
    im_mutex_unlock(other);
#else
    (void)other;
    im_mutex_unlock(self);
#endif
}

/* case: unlocked_of_a_cell */
/* error: mutex: unlocked needs an im_mutex */
void use_unlocked_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_unlocked_of_a_cell
    (void)self;
    im_mutex_unlocked(other)(void) 0;
#else
    (void)other;
    im_mutex_unlocked(self)(void) 0;
#endif
}

/* case: value_of_a_cell */
/* error: mutex: value needs an im_mutex */
void use_value_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_value_of_a_cell
    (void)self;
    (void)im_mutex_value(other);
#else
    (void)other;
    (void)im_mutex_value(self);
#endif
}

/* case: with_of_a_cell */
/* error: mutex: with needs an im_mutex */
void use_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_with_of_a_cell
    (void)self;
    im_mutex_with(p, other) *p = 1;
#else
    (void)other;
    im_mutex_with(p, self) *p = 1;
#endif
}
