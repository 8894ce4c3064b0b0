/* SPDX-License-Identifier: MIT */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

/* case: assign */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
void use_assign(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_assign
    *cell = *shared;
#else
    *im_qcell_rw(owner, cell) = *im_qcell_ro(owner, shared);
#endif
}

/* case: assign_an_owner */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
void use_assign_an_owner(struct im_qcell_owner *owner, struct im_qcell_owner *other)
{
#ifdef BROKEN_assign_an_owner
    *owner = *other;
#else
    im_qcell_owner_end(other);
    im_qcell_owner_new_pinned(owner);
#endif
}

/* case: get_mut_through_const */
/* error: token: get_mut needs an exclusive (non-const) pointer */
void use_get_mut_through_const(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_get_mut_through_const
    (void)im_qcell_get_mut(shared);
#else
    (void)im_qcell_get_mut(cell);
#endif
}

/* case: hold_through_const */
/* error: token: hold needs an exclusive (non-const) owner */
void use_hold_through_const(const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN_hold_through_const
    im_owner_hold(shared_owner);
#else
    im_owner_hold_shared(shared_owner);
#endif
}

/* case: init_through_const */
/* error: token: init needs an exclusive (non-const) pointer */
void use_init_through_const(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_init_through_const
    im_qcell_init(shared, im_qcell_owner_id(owner), 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}

/* case: init_without_an_id */
/* error gcc: incompatible types when assigning */
/* error clang: assigning to */
void use_init_without_an_id(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_init_without_an_id
    im_qcell_init(cell, 7, 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}

/* case: into_inner_through_const */
/* error: token: into_inner needs an exclusive (non-const) pointer */
void use_into_inner_through_const(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_into_inner_through_const
    (void)im_qcell_into_inner(shared);
#else
    (void)im_qcell_into_inner(cell);
#endif
}

/* case: is_owned_of_a_plain_pointer */
/* error: token: is_owned needs an im_qcell */
void use_is_owned_of_a_plain_pointer(struct im_qcell_owner *owner, const counter *cell, const int *plain)
{
#ifdef BROKEN_is_owned_of_a_plain_pointer
    (void)im_qcell_is_owned(owner, plain);
#else
    (void)im_qcell_is_owned(owner, cell);
#endif
}

/* case: is_owned_without_an_owner */
/* error: token: is_owned needs an im_qcell_owner */
void use_is_owned_without_an_owner(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_is_owned_without_an_owner
    (void)im_qcell_is_owned(shared, cell);
#else
    (void)im_qcell_is_owned(owner, cell);
#endif
}

/* case: owner_end_of_a_cell */
/* error: token: owner_end needs an im_qcell_owner */
void use_owner_end_of_a_cell(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_owner_end_of_a_cell
    im_qcell_owner_end(cell);
#else
    im_qcell_owner_end(owner);
#endif
}

/* case: owner_end_through_const */
/* error: token: owner_end needs an exclusive (non-const) owner */
void use_owner_end_through_const(struct im_qcell_owner *owner, const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN_owner_end_through_const
    im_qcell_owner_end(shared_owner);
#else
    im_qcell_owner_end(owner);
#endif
}

/* case: owner_new_ignored */
/* error clang: ignoring return value of function */
/* not seen by gcc: the check before the call hides it */
void use_owner_new_ignored(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_owner_new_ignored
    im_qcell_owner_new(owner);
#else
    if (im_qcell_owner_new(owner))
        return;
#endif
}

/* case: owner_new_of_a_cell */
/* error: token: owner_new needs an im_qcell_owner */
int use_owner_new_of_a_cell(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_owner_new_of_a_cell
    return im_qcell_owner_new(cell);
#else
    return im_qcell_owner_new(owner);
#endif
}

/* case: owner_new_pinned_of_a_cell */
/* error: token: owner_new_pinned needs an im_qcell_owner */
void use_owner_new_pinned_of_a_cell(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_owner_new_pinned_of_a_cell
    im_qcell_owner_new_pinned(cell);
#else
    im_qcell_owner_new_pinned(owner);
#endif
}

/* case: owner_new_pinned_through_const */
/* error: token: owner_new_pinned needs an exclusive (non-const) owner */
void use_owner_new_pinned_through_const(struct im_qcell_owner *owner, const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN_owner_new_pinned_through_const
    im_qcell_owner_new_pinned(shared_owner);
#else
    im_qcell_owner_new_pinned(owner);
#endif
}

/* case: owner_new_through_const */
/* error: token: owner_new needs an exclusive (non-const) owner */
int use_owner_new_through_const(struct im_qcell_owner *owner, const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN_owner_new_through_const
    return im_qcell_owner_new(shared_owner);
#else
    return im_qcell_owner_new(owner);
#endif
}

/* case: release_through_const */
/* error: token: release needs an exclusive (non-const) owner */
void use_release_through_const(const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN_release_through_const
    im_owner_release(shared_owner);
#else
    im_owner_release_shared(shared_owner);
#endif
}

/* case: ro_kept_as_non_const */
/* error gcc: discards */
/* error clang: discards qualifiers */
void use_ro_kept_as_non_const(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_ro_kept_as_non_const
    int *p = im_qcell_ro(owner, cell);
    *p = 1;
#else
    const int *p = im_qcell_ro(owner, cell);
    (void)*p;
#endif
}

/* case: ro_of_a_pointer */
/* error: token: ro needs an im_qcell */
void use_ro_of_a_pointer(struct im_qcell_owner *owner, const counter *cell, const int *plain)
{
#ifdef BROKEN_ro_of_a_pointer
    (void)im_qcell_ro(owner, plain);
#else
    (void)im_qcell_ro(owner, cell);
#endif
}

/* case: ro_without_an_owner */
/* error: token: ro needs an im_qcell_owner */
void use_ro_without_an_owner(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_ro_without_an_owner
    (void)im_qcell_ro(cell, cell);
#else
    (void)im_qcell_ro(owner, cell);
#endif
}

/* case: rw2_by_a_shared_owner */
/* error: token: rw2 needs an exclusive (non-const) owner */
#ifdef BROKEN_rw2_by_a_shared_owner
void use_rw2_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p,
                               int *q)
#else
void use_rw2_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    im_qcell_rw2(owner, cell, b, &p, &q);
}

/* case: rw2_to_a_pointer_of_another_type */
/* error: token: rw2 writes a pointer to the value to a T ** */
void use_rw2_to_a_pointer_of_another_type(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p,
                                          int *q, long *wrong)
{
#ifdef BROKEN_rw2_to_a_pointer_of_another_type
    im_qcell_rw2(owner, cell, b, &p, &wrong);
#else
    im_qcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw2_without_an_owner */
/* error: token: rw2 needs an im_qcell_owner */
void use_rw2_without_an_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN_rw2_without_an_owner
    im_qcell_rw2(cell, cell, b, &p, &q);
#else
    im_qcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw3_by_a_shared_owner */
/* error: token: rw3 needs an exclusive (non-const) owner */
#ifdef BROKEN_rw3_by_a_shared_owner
void use_rw3_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell, const counter *b,
                               const counter *d, int *p, int *q, int *r)
#else
void use_rw3_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d,
                               int *p, int *q, int *r)
#endif
{
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
}

/* case: rw3_to_a_pointer_of_another_type */
/* error: token: rw3 writes a pointer to the value to a T ** */
void use_rw3_to_a_pointer_of_another_type(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                          const counter *d, int *p, int *q, int *r, long *wrong)
{
#ifdef BROKEN_rw3_to_a_pointer_of_another_type
    im_qcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: rw3_without_an_owner */
/* error: token: rw3 needs an im_qcell_owner */
void use_rw3_without_an_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d,
                              int *p, int *q, int *r)
{
#ifdef BROKEN_rw3_without_an_owner
    im_qcell_rw3(cell, cell, b, d, &p, &q, &r);
#else
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: rw_by_a_shared_owner */
/* error: token: rw needs an exclusive (non-const) owner */
#ifdef BROKEN_rw_by_a_shared_owner
void use_rw_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell)
#else
void use_rw_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell)
#endif
{
    (void)im_qcell_rw(owner, cell);
}

/* case: rw_kept_as_another_type */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
void use_rw_kept_as_another_type(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_rw_kept_as_another_type
    long *p = im_qcell_rw(owner, cell);
    *p = 1;
#else
    int *p = im_qcell_rw(owner, cell);
    *p = 1;
#endif
}

/* case: rw_n_by_a_shared_owner */
/* error: token: rw_n needs an exclusive (non-const) owner */
#ifdef BROKEN_rw_n_by_a_shared_owner
void use_rw_n_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *const *cells, int **values)
#else
void use_rw_n_by_a_shared_owner(struct im_qcell_owner *owner, const counter *const *cells, int **values)
#endif
{
    im_qcell_rw_n(owner, 2, cells, values);
}

/* case: rw_n_to_pointers_of_another_type */
/* error: token: rw_n writes a pointer to the value to a T ** */
void use_rw_n_to_pointers_of_another_type(struct im_qcell_owner *owner, const counter *const *cells, int **values,
                                          long **wrong)
{
#ifdef BROKEN_rw_n_to_pointers_of_another_type
    im_qcell_rw_n(owner, 2, cells, wrong);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: rw_n_without_an_owner */
/* error: token: rw_n needs an im_qcell_owner */
void use_rw_n_without_an_owner(struct im_qcell_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN_rw_n_without_an_owner
    im_qcell_rw_n(cells[0], 2, cells, values);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: rw_without_an_owner */
/* error: token: rw needs an im_qcell_owner */
void use_rw_without_an_owner(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_rw_without_an_owner
    (void)im_qcell_rw(cell, cell);
#else
    (void)im_qcell_rw(owner, cell);
#endif
}

/* case: try_ro_without_an_owner */
/* error: token: try_ro needs an im_qcell_owner */
void use_try_ro_without_an_owner(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_try_ro_without_an_owner
    (void)im_qcell_try_ro(cell, cell);
#else
    (void)im_qcell_try_ro(owner, cell);
#endif
}

/* case: try_rw2_by_a_shared_owner */
/* error: token: try_rw2 needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw2_by_a_shared_owner
void use_try_rw2_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p,
                                   int *q)
#else
void use_try_rw2_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
}

/* case: try_rw2_to_a_pointer_of_another_type */
/* error: token: try_rw2 writes a pointer to the value to a T ** */
void use_try_rw2_to_a_pointer_of_another_type(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                              int *p, int *q, long *wrong)
{
#ifdef BROKEN_try_rw2_to_a_pointer_of_another_type
    (void)im_qcell_try_rw2(owner, cell, b, &p, &wrong);
#else
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: try_rw2_without_an_owner */
/* error: token: try_rw2 needs an im_qcell_owner */
void use_try_rw2_without_an_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN_try_rw2_without_an_owner
    (void)im_qcell_try_rw2(cell, cell, b, &p, &q);
#else
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: try_rw3_by_a_shared_owner */
/* error: token: try_rw3 needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw3_by_a_shared_owner
void use_try_rw3_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                   const counter *d, int *p, int *q, int *r)
#else
void use_try_rw3_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                   const counter *d, int *p, int *q, int *r)
#endif
{
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
}

/* case: try_rw3_to_a_pointer_of_another_type */
/* error: token: try_rw3 writes a pointer to the value to a T ** */
void use_try_rw3_to_a_pointer_of_another_type(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                              const counter *d, int *p, int *q, int *r, long *wrong)
{
#ifdef BROKEN_try_rw3_to_a_pointer_of_another_type
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: try_rw3_without_an_owner */
/* error: token: try_rw3 needs an im_qcell_owner */
void use_try_rw3_without_an_owner(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d,
                                  int *p, int *q, int *r)
{
#ifdef BROKEN_try_rw3_without_an_owner
    (void)im_qcell_try_rw3(cell, cell, b, d, &p, &q, &r);
#else
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: try_rw_by_a_shared_owner */
/* error: token: try_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw_by_a_shared_owner
void use_try_rw_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell)
#else
void use_try_rw_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell)
#endif
{
    (void)im_qcell_try_rw(owner, cell);
}

/* case: try_rw_n_by_a_shared_owner */
/* error: token: try_rw_n needs an exclusive (non-const) owner */
#ifdef BROKEN_try_rw_n_by_a_shared_owner
void use_try_rw_n_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *const *cells, int **values)
#else
void use_try_rw_n_by_a_shared_owner(struct im_qcell_owner *owner, const counter *const *cells, int **values)
#endif
{
    (void)im_qcell_try_rw_n(owner, 2, cells, values);
}

/* case: try_rw_n_to_pointers_of_another_type */
/* error: token: try_rw_n writes a pointer to the value to a T ** */
void use_try_rw_n_to_pointers_of_another_type(struct im_qcell_owner *owner, const counter *const *cells, int **values,
                                              long **wrong)
{
#ifdef BROKEN_try_rw_n_to_pointers_of_another_type
    (void)im_qcell_try_rw_n(owner, 2, cells, wrong);
#else
    (void)im_qcell_try_rw_n(owner, 2, cells, values);
#endif
}

/* case: try_rw_n_without_an_owner */
/* error: token: try_rw_n needs an im_qcell_owner */
void use_try_rw_n_without_an_owner(struct im_qcell_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN_try_rw_n_without_an_owner
    (void)im_qcell_try_rw_n(cells[0], 2, cells, values);
#else
    (void)im_qcell_try_rw_n(owner, 2, cells, values);
#endif
}

/* case: try_rw_without_an_owner */
/* error: token: try_rw needs an im_qcell_owner */
void use_try_rw_without_an_owner(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_try_rw_without_an_owner
    (void)im_qcell_try_rw(cell, cell);
#else
    (void)im_qcell_try_rw(owner, cell);
#endif
}

/* case: try_with_ro_without_an_owner */
/* error: token: try_with_ro needs an im_qcell_owner */
void use_try_with_ro_without_an_owner(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_try_with_ro_without_an_owner
    im_qcell_try_with_ro(p, cell, cell)
        (void)p;
#else
    im_qcell_try_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: try_with_rw_by_a_shared_owner */
/* error: token: try_with_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_try_with_rw_by_a_shared_owner
void use_try_with_rw_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell)
#else
void use_try_with_rw_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell)
#endif
{
    im_qcell_try_with_rw(p, owner, cell)
        (void)p;
}

/* case: try_with_rw_without_an_owner */
/* error: token: try_with_rw needs an im_qcell_owner */
void use_try_with_rw_without_an_owner(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_try_with_rw_without_an_owner
    im_qcell_try_with_rw(p, cell, cell)
        (void)p;
#else
    im_qcell_try_with_rw(p, owner, cell)
        (void)p;
#endif
}

/* case: with_ro_without_an_owner */
/* error: token: with_ro needs an im_qcell_owner */
void use_with_ro_without_an_owner(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_with_ro_without_an_owner
    im_qcell_with_ro(p, cell, cell)
        (void)p;
#else
    im_qcell_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: with_rw_by_a_shared_owner */
/* error: token: with_rw needs an exclusive (non-const) owner */
#ifdef BROKEN_with_rw_by_a_shared_owner
void use_with_rw_by_a_shared_owner(const struct im_qcell_owner *owner, const counter *cell)
#else
void use_with_rw_by_a_shared_owner(struct im_qcell_owner *owner, const counter *cell)
#endif
{
    im_qcell_with_rw(p, owner, cell)
        (void)p;
}

/* case: with_rw_without_an_owner */
/* error: token: with_rw needs an im_qcell_owner */
void use_with_rw_without_an_owner(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_with_rw_without_an_owner
    im_qcell_with_rw(p, cell, cell)
        (void)p;
#else
    im_qcell_with_rw(p, owner, cell)
        (void)p;
#endif
}

/* case: write_in_a_reading_block */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_in_a_reading_block(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_in_a_reading_block
    im_qcell_with_ro(p, owner, cell)
        *p = 1;
#else
    im_qcell_with_rw(p, owner, cell)
        *p = 1;
#endif
}

/* case: write_through_ro */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_ro(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_through_ro
    *im_qcell_ro(owner, cell) = 1;
#else
    *im_qcell_rw(owner, cell) = 1;
#endif
}

/* case: write_without_rw */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
void use_write_without_rw(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN_write_without_rw
    shared->im_value = 1;
#else
    *im_qcell_rw(owner, shared) = 1;
#endif
}
