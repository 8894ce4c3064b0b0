/* SPDX-License-Identifier: MIT */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

/* case: assign */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
void use_assign(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_assign
    *cell = *shared;
#else
    *im_tcell_rw(owner, cell) = *im_tcell_ro(owner, shared);
#endif
}

/* case: assign_an_owner */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
void use_assign_an_owner(hits_owner *owner, hits_owner *other)
{
#ifdef BROKEN_assign_an_owner
    *owner = *other;
#else
    im_tcell_owner_end(hits, other);
    im_tcell_owner_new(hits, owner);
#endif
}

/* case: get_mut_through_const */
/* error: token: get_mut needs an exclusive (non-const) pointer */
void use_get_mut_through_const(counter *cell, const counter *shared)
{
#ifdef BROKEN_get_mut_through_const
    (void)im_tcell_get_mut(shared);
#else
    (void)im_tcell_get_mut(cell);
#endif
}

/* case: into_inner_through_const */
/* error: token: into_inner needs an exclusive (non-const) pointer */
void use_into_inner_through_const(counter *cell, const counter *shared)
{
#ifdef BROKEN_into_inner_through_const
    (void)im_tcell_into_inner(shared);
#else
    (void)im_tcell_into_inner(cell);
#endif
}

/* case: owner_end_of_a_cell */
/* error: token: owner_end needs an im_tcell_owner */
void use_owner_end_of_a_cell(hits_owner *owner, counter *cell)
{
#ifdef BROKEN_owner_end_of_a_cell
    im_tcell_owner_end(hits, cell);
#else
    im_tcell_owner_end(hits, owner);
#endif
}

/* case: owner_end_through_const */
/* error: token: owner_end needs an exclusive (non-const) owner */
void use_owner_end_through_const(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN_owner_end_through_const
    im_tcell_owner_end(hits, shared);
#else
    im_tcell_owner_end(hits, owner);
#endif
}

/* case: owner_new_of_a_cell */
/* error: token: owner_new needs an im_tcell_owner */
void use_owner_new_of_a_cell(hits_owner *owner, counter *cell)
{
#ifdef BROKEN_owner_new_of_a_cell
    im_tcell_owner_new(hits, cell);
#else
    im_tcell_owner_new(hits, owner);
#endif
}

/* case: owner_new_through_const */
/* error: token: owner_new needs an exclusive (non-const) owner */
void use_owner_new_through_const(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN_owner_new_through_const
    im_tcell_owner_new(hits, shared);
#else
    im_tcell_owner_new(hits, owner);
#endif
}

/* case: owner_try_new_of_a_cell */
/* error: token: owner_try_new needs an im_tcell_owner */
int use_owner_try_new_of_a_cell(hits_owner *owner, counter *cell)
{
#ifdef BROKEN_owner_try_new_of_a_cell
    return im_tcell_owner_try_new(hits, cell);
#else
    return im_tcell_owner_try_new(hits, owner);
#endif
}

/* case: owner_try_new_through_const */
/* error: token: owner_try_new needs an exclusive (non-const) owner */
int use_owner_try_new_through_const(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN_owner_try_new_through_const
    return im_tcell_owner_try_new(hits, shared);
#else
    return im_tcell_owner_try_new(hits, owner);
#endif
}

/* case: owner_wait_for_new_of_a_cell */
/* error: token: owner_wait_for_new needs an im_tcell_owner */
void use_owner_wait_for_new_of_a_cell(hits_owner *owner, counter *cell)
{
#ifdef BROKEN_owner_wait_for_new_of_a_cell
    im_tcell_owner_wait_for_new(hits, cell);
#else
    im_tcell_owner_wait_for_new(hits, owner);
#endif
}

/* case: owner_wait_for_new_through_const */
/* error: token: owner_wait_for_new needs an exclusive (non-const) owner */
void use_owner_wait_for_new_through_const(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN_owner_wait_for_new_through_const
    im_tcell_owner_wait_for_new(hits, shared);
#else
    im_tcell_owner_wait_for_new(hits, owner);
#endif
}

/* case: ro_without_an_owner */
/* error: token: ro needs an im_tcell_owner */
void use_ro_without_an_owner(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN_ro_without_an_owner
    (void)im_tcell_ro(cell, cell);
#else
    (void)im_tcell_ro(owner, cell);
#endif
}

/* case: rw2_by_a_shared_owner */
/* error: token: rw2 needs an exclusive (non-const) owner */
#ifdef BROKEN_rw2_by_a_shared_owner
void use_rw2_by_a_shared_owner(const hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#else
void use_rw2_by_a_shared_owner(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    im_tcell_rw2(owner, cell, b, &p, &q);
}

/* case: rw2_to_a_pointer_of_another_type */
/* error: token: rw2 writes a pointer to the value to a T ** */
void use_rw2_to_a_pointer_of_another_type(hits_owner *owner, const counter *cell, long *wrong, const counter *b, int *p,
                                          int *q)
{
#ifdef BROKEN_rw2_to_a_pointer_of_another_type
    im_tcell_rw2(owner, cell, b, &p, &wrong);
#else
    im_tcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw2_without_an_owner */
/* error: token: rw2 needs an im_tcell_owner */
void use_rw2_without_an_owner(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN_rw2_without_an_owner
    im_tcell_rw2(cell, cell, b, &p, &q);
#else
    im_tcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw3_by_a_shared_owner */
/* error: token: rw3 needs an exclusive (non-const) owner */
#ifdef BROKEN_rw3_by_a_shared_owner
void use_rw3_by_a_shared_owner(const hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p,
                               int *q, int *r)
#else
void use_rw3_by_a_shared_owner(hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p,
                               int *q, int *r)
#endif
{
    im_tcell_rw3(owner, cell, b, d, &p, &q, &r);
}

/* case: rw3_to_a_pointer_of_another_type */
/* error: token: rw3 writes a pointer to the value to a T ** */
void use_rw3_to_a_pointer_of_another_type(hits_owner *owner, const counter *cell, long *wrong, const counter *b,
                                          const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_rw3_to_a_pointer_of_another_type
    im_tcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_tcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: rw_by_a_shared_owner */
/* error: token: rw needs an exclusive (non-const) owner */
#ifdef BROKEN_rw_by_a_shared_owner
void use_rw_by_a_shared_owner(const hits_owner *owner, const counter *cell)
#else
void use_rw_by_a_shared_owner(hits_owner *owner, const counter *cell)
#endif
{
    (void)im_tcell_rw(owner, cell);
}

/* case: rw_kept_as_another_type */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
void use_rw_kept_as_another_type(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_rw_kept_as_another_type
    long *p = im_tcell_rw(owner, cell);
    *p = 1;
#else
    int *p = im_tcell_rw(owner, cell);
    *p = 1;
#endif
}

/* case: rw_n_by_a_shared_owner */
/* error: token: rw_n needs an exclusive (non-const) owner */
#ifdef BROKEN_rw_n_by_a_shared_owner
void use_rw_n_by_a_shared_owner(const hits_owner *owner, const counter *const *cells, int **values)
#else
void use_rw_n_by_a_shared_owner(hits_owner *owner, const counter *const *cells, int **values)
#endif
{
    im_tcell_rw_n(owner, 2, cells, values);
}

/* case: rw_n_without_an_owner */
/* error: token: rw_n needs an im_tcell_owner */
void use_rw_n_without_an_owner(hits_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN_rw_n_without_an_owner
    im_tcell_rw_n(cells[0], 2, cells, values);
#else
    im_tcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: rw_without_an_owner */
/* error: token: rw needs an im_tcell_owner */
void use_rw_without_an_owner(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN_rw_without_an_owner
    (void)im_tcell_rw(cell, cell);
#else
    (void)im_tcell_rw(owner, cell);
#endif
}

/* case: try_rw2_by_a_shared_owner */
/* error: token: try_rw2 needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw2_by_a_shared_owner
void use_try_rw2_by_a_shared_owner(const hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#else
void use_try_rw2_by_a_shared_owner(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    (void)im_tcell_try_rw2(owner, cell, b, &p, &q);
}

/* case: try_rw2_to_a_pointer_of_another_type */
/* error: token: try_rw2 writes a pointer to the value to a T ** */
void use_try_rw2_to_a_pointer_of_another_type(hits_owner *owner, const counter *cell, long *wrong, const counter *b,
                                              int *p, int *q)
{
#ifdef BROKEN_try_rw2_to_a_pointer_of_another_type
    (void)im_tcell_try_rw2(owner, cell, b, &p, &wrong);
#else
    (void)im_tcell_try_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: try_rw3_by_a_shared_owner */
/* error: token: try_rw3 needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw3_by_a_shared_owner
void use_try_rw3_by_a_shared_owner(const hits_owner *owner, const counter *cell, const counter *b, const counter *d,
                                   int *p, int *q, int *r)
#else
void use_try_rw3_by_a_shared_owner(hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p,
                                   int *q, int *r)
#endif
{
    (void)im_tcell_try_rw3(owner, cell, b, d, &p, &q, &r);
}

/* case: try_rw_by_a_shared_owner */
/* error: token: try_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw_by_a_shared_owner
void use_try_rw_by_a_shared_owner(const hits_owner *owner, const counter *cell)
#else
void use_try_rw_by_a_shared_owner(hits_owner *owner, const counter *cell)
#endif
{
    (void)im_tcell_try_rw(owner, cell);
}

/* case: try_rw_n_by_a_shared_owner */
/* error: token: try_rw_n needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw_n_by_a_shared_owner
void use_try_rw_n_by_a_shared_owner(const hits_owner *owner, const counter *const *cells, int **values)
#else
void use_try_rw_n_by_a_shared_owner(hits_owner *owner, const counter *const *cells, int **values)
#endif
{
    (void)im_tcell_try_rw_n(owner, 2, cells, values);
}

/* case: try_with_rw_by_a_shared_owner */
/* error: token: try_with_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_try_with_rw_by_a_shared_owner
void use_try_with_rw_by_a_shared_owner(const hits_owner *owner, const counter *cell)
#else
void use_try_with_rw_by_a_shared_owner(hits_owner *owner, const counter *cell)
#endif
{
    im_tcell_try_with_rw(p, owner, cell)
        (void)p;
}

/* case: with_rw_by_a_shared_owner */
/* error: token: with_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_with_rw_by_a_shared_owner
void use_with_rw_by_a_shared_owner(const hits_owner *owner, const counter *cell)
#else
void use_with_rw_by_a_shared_owner(hits_owner *owner, const counter *cell)
#endif
{
    im_tcell_with_rw(p, owner, cell)
        (void)p;
}

/* case: with_rw_without_an_owner */
/* error: token: with_rw needs an im_tcell_owner */
void use_with_rw_without_an_owner(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN_with_rw_without_an_owner
    im_tcell_with_rw(p, cell, cell)
        (void)p;
#else
    im_tcell_with_rw(p, owner, cell)
        (void)p;
#endif
}

/* case: write_in_a_reading_block */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_in_a_reading_block(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_in_a_reading_block
    im_tcell_with_ro(p, owner, cell)
        *p = 1;
#else
    im_tcell_with_rw(p, owner, cell)
        *p = 1;
#endif
}

/* case: write_through_ro */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_ro(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_through_ro
    *im_tcell_ro(owner, cell) = 1;
#else
    *im_tcell_rw(owner, cell) = 1;
#endif
}

/* case: write_without_rw */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
void use_write_without_rw(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_without_rw
    shared->im_value = 1;
#else
    *im_tcell_rw(owner, shared) = 1;
#endif
}
