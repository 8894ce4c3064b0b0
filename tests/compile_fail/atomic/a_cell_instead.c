/* SPDX-License-Identifier: MIT */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

/* case: as_ptr_of_a_cell */
/* error: atomic: as_ptr needs an im_atomic */
void use_as_ptr_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_as_ptr_of_a_cell
    (void)im_atomic_as_ptr(other);
#else
    (void)im_atomic_as_ptr(self);
#endif
}

/* case: compare_exchange_of_a_cell */
/* error: atomic: compare_exchange needs an im_atomic */
void use_compare_exchange_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_compare_exchange_of_a_cell
    int seen = 0;
    (void)im_atomic_compare_exchange(other, &seen, 1);
#else
    int seen = 0;
    (void)im_atomic_compare_exchange(self, &seen, 1);
#endif
}

/* case: fetch_add_of_a_cell */
/* error: atomic: fetch_add needs an */
void use_fetch_add_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_fetch_add_of_a_cell
    (void)im_atomic_fetch_add(other, 1);
#else
    (void)im_atomic_fetch_add(self, 1);
#endif
}

/* case: fetch_update_of_a_cell */
/* error: atomic: fetch_update needs an im_atomic */
void use_fetch_update_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_fetch_update_of_a_cell
    (void)im_atomic_fetch_update(other, n, n + 1);
#else
    (void)im_atomic_fetch_update(self, n, n + 1);
#endif
}

/* case: get_mut_of_a_cell */
/* error: atomic: get_mut needs an im_atomic */
void use_get_mut_of_a_cell(counter *self, plain_counter *other)
{
#ifdef BROKEN_get_mut_of_a_cell
    *im_atomic_get_mut(other) = 1;
#else
    *im_atomic_get_mut(self) = 1;
#endif
}

/* case: into_inner_of_a_cell */
/* error: atomic: into_inner needs an im_atomic */
void use_into_inner_of_a_cell(counter *self, plain_counter *other)
{
#ifdef BROKEN_into_inner_of_a_cell
    (void)im_atomic_into_inner(other);
#else
    (void)im_atomic_into_inner(self);
#endif
}

/* case: is_lock_free_of_a_cell */
/* error: atomic: is_lock_free needs an im_atomic */
void use_is_lock_free_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_is_lock_free_of_a_cell
    (void)im_atomic_is_lock_free(other);
#else
    (void)im_atomic_is_lock_free(self);
#endif
}

/* case: load_of_a_cell */
/* error: atomic: load needs an im_atomic */
void use_load_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_load_of_a_cell
    (void)im_atomic_load(other);
#else
    (void)im_atomic_load(self);
#endif
}

/* case: store_of_a_cell */
/* error: atomic: store needs an im_atomic */
void use_store_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_store_of_a_cell
    im_atomic_store(other, 1);
#else
    im_atomic_store(self, 1);
#endif
}

/* case: swap_of_a_cell */
/* error: atomic: swap needs an im_atomic */
void use_swap_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_swap_of_a_cell
    (void)im_atomic_swap(other, 1);
#else
    (void)im_atomic_swap(self, 1);
#endif
}

/* case: take_of_a_cell */
/* error: atomic: take needs an im_atomic */
void use_take_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_take_of_a_cell
    (void)im_atomic_take(other);
#else
    (void)im_atomic_take(self);
#endif
}

/* case: try_update_of_a_cell */
/* error: atomic: try_update needs an im_atomic */
void use_try_update_of_a_cell(const counter *self, const plain_counter *other)
{
#ifdef BROKEN_try_update_of_a_cell
    (void)im_atomic_try_update(other, n, n > 0, n - 1);
#else
    (void)im_atomic_try_update(self, n, n > 0, n - 1);
#endif
}
