/* SPDX-License-Identifier: MIT */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

/* case: borrow_mut_of_a_cell */
/* error: refcell: borrow_mut needs an im_refcell */
void use_borrow_mut_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_borrow_mut_of_a_cell
    (void)im_refcell_borrow_mut(other);
#else
    (void)im_refcell_borrow_mut(self);
#endif
}

/* case: borrow_of_a_cell */
/* error: refcell: borrow needs an im_refcell */
void use_borrow_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_borrow_of_a_cell
    (void)im_refcell_borrow(other);
#else
    (void)im_refcell_borrow(self);
#endif
}

/* case: cell_get_of_a_refcell */
/* error: cell: get needs an im_cell */
void use_cell_get_of_a_refcell(const number *self, const plain *other)
{
#ifdef BROKEN_cell_get_of_a_refcell
    (void)im_cell_get(self);
#else
    (void)im_cell_get(other);
#endif
}

/* case: release_mut_of_a_cell */
/* error: refcell: release_mut needs an im_refcell */
void use_release_mut_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_release_mut_of_a_cell
    im_refcell_release_mut(other);
#else
    im_refcell_release_mut(self);
#endif
}

/* case: release_of_a_cell */
/* error: refcell: release needs an im_refcell */
void use_release_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_release_of_a_cell
    im_refcell_release(other);
#else
    im_refcell_release(self);
#endif
}

/* case: replace_of_a_cell */
/* error: refcell: replace needs an im_refcell */
void use_replace_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_replace_of_a_cell
    (void)im_refcell_replace(other, 1);
#else
    (void)im_refcell_replace(self, 1);
#endif
}

/* case: replace_with_of_a_cell */
/* error: refcell: replace_with needs an im_refcell */
void use_replace_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_replace_with_of_a_cell
    (void)im_refcell_replace_with(other, n, *n + 1);
#else
    (void)im_refcell_replace_with(self, n, *n + 1);
#endif
}

/* case: take_of_a_cell */
/* error: refcell: take needs an im_refcell */
void use_take_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_take_of_a_cell
    (void)im_refcell_take(other);
#else
    (void)im_refcell_take(self);
#endif
}

/* case: try_borrow_mut_of_a_cell */
/* error: refcell: try_borrow_mut needs an im_refcell */
void use_try_borrow_mut_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_borrow_mut_of_a_cell
    (void)im_refcell_try_borrow_mut(other);
#else
    (void)im_refcell_try_borrow_mut(self);
#endif
}

/* case: try_borrow_of_a_cell */
/* error: refcell: try_borrow needs an im_refcell */
void use_try_borrow_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_borrow_of_a_cell
    (void)im_refcell_try_borrow(other);
#else
    (void)im_refcell_try_borrow(self);
#endif
}

/* case: try_borrow_unguarded_of_a_cell */
/* error: refcell: try_borrow_unguarded needs an im_refcell */
void use_try_borrow_unguarded_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_borrow_unguarded_of_a_cell
    (void)im_refcell_try_borrow_unguarded(other);
#else
    (void)im_refcell_try_borrow_unguarded(self);
#endif
}

/* case: try_swap_with_a_cell */
/* error: refcell: try_swap needs two im_refcells of one type */
void use_try_swap_with_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_swap_with_a_cell
    (void)im_refcell_try_swap(self, other);
#else
    (void)im_refcell_try_swap(self, self);
#endif
}

/* case: try_with_mut_of_a_cell */
/* error: refcell: try_with_mut needs an im_refcell */
void use_try_with_mut_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_mut_of_a_cell
    im_refcell_try_with_mut(p, other) {
        (void)*p;
    }
#else
    im_refcell_try_with_mut(p, self) {
        (void)*p;
    }
#endif
}

/* case: try_with_of_a_cell */
/* error: refcell: try_with needs an im_refcell */
void use_try_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_try_with_of_a_cell
    im_refcell_try_with(p, other) {
        (void)*p;
    }
#else
    im_refcell_try_with(p, self) {
        (void)*p;
    }
#endif
}

/* case: with_mut_of_a_cell */
/* error: refcell: with_mut needs an im_refcell */
void use_with_mut_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_with_mut_of_a_cell
    im_refcell_with_mut(p, other) {
        (void)*p;
    }
#else
    im_refcell_with_mut(p, self) {
        (void)*p;
    }
#endif
}

/* case: with_of_a_cell */
/* error: refcell: with needs an im_refcell */
void use_with_of_a_cell(const number *self, const plain *other)
{
#ifdef BROKEN_with_of_a_cell
    im_refcell_with(p, other) {
        (void)*p;
    }
#else
    im_refcell_with(p, self) {
        (void)*p;
    }
#endif
}
