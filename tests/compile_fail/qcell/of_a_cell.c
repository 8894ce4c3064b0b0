/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

/* case: get_mut_of_a_cell */
/* error: token: get_mut needs an im_qcell */
void use_get_mut_of_a_cell(struct im_qcell_owner *owner, counter *cell, int_cell *other)
{
#ifdef BROKEN_get_mut_of_a_cell
    (void)im_qcell_get_mut(other);
#else
    (void)im_qcell_get_mut(cell);
#endif
}

/* case: init_of_a_cell */
/* error: token: init needs an im_qcell */
void use_init_of_a_cell(struct im_qcell_owner *owner, counter *cell, int_cell *other)
{
#ifdef BROKEN_init_of_a_cell
    im_qcell_init(other, im_qcell_owner_id(owner), 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}

/* case: into_inner_of_a_cell */
/* error: token: into_inner needs an im_qcell */
void use_into_inner_of_a_cell(struct im_qcell_owner *owner, counter *cell, int_cell *other)
{
#ifdef BROKEN_into_inner_of_a_cell
    (void)im_qcell_into_inner(other);
#else
    (void)im_qcell_into_inner(cell);
#endif
}

/* case: ro_of_a_cell */
/* error: token: ro needs an im_qcell */
void use_ro_of_a_cell(const struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_ro_of_a_cell
    (void)im_qcell_ro(owner, plain);
#else
    (void)im_qcell_ro(owner, cell);
#endif
}

/* case: rw2_of_a_cell */
/* error: token: rw2 needs an im_qcell */
void use_rw2_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain, const counter *b,
                       int *p, int *q)
{
#ifdef BROKEN_rw2_of_a_cell
    im_qcell_rw2(owner, plain, b, &p, &q);
#else
    im_qcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw3_of_a_cell */
/* error: token: rw3 needs an im_qcell */
void use_rw3_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain, const counter *b,
                       const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_rw3_of_a_cell
    im_qcell_rw3(owner, plain, b, d, &p, &q, &r);
#else
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: rw_n_of_a_cell */
/* error: token: rw_n needs an im_qcell */
void use_rw_n_of_a_cell(struct im_qcell_owner *owner, const counter *const *cells, const int_cell *const *plains,
                        int **values)
{
#ifdef BROKEN_rw_n_of_a_cell
    im_qcell_rw_n(owner, 2, plains, values);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: rw_of_a_cell */
/* error: token: rw needs an im_qcell */
void use_rw_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_rw_of_a_cell
    (void)im_qcell_rw(owner, plain);
#else
    (void)im_qcell_rw(owner, cell);
#endif
}

/* case: try_ro_of_a_cell */
/* error: token: try_ro needs an im_qcell */
void use_try_ro_of_a_cell(const struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_try_ro_of_a_cell
    (void)im_qcell_try_ro(owner, plain);
#else
    (void)im_qcell_try_ro(owner, cell);
#endif
}

/* case: try_rw2_of_a_cell */
/* error: token: try_rw2 needs an im_qcell */
void use_try_rw2_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain, const counter *b,
                           int *p, int *q)
{
#ifdef BROKEN_try_rw2_of_a_cell
    (void)im_qcell_try_rw2(owner, plain, b, &p, &q);
#else
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: try_rw3_of_a_cell */
/* error: token: try_rw3 needs an im_qcell */
void use_try_rw3_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain, const counter *b,
                           const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_try_rw3_of_a_cell
    (void)im_qcell_try_rw3(owner, plain, b, d, &p, &q, &r);
#else
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: try_rw_n_of_a_cell */
/* error: token: try_rw_n needs an im_qcell */
void use_try_rw_n_of_a_cell(struct im_qcell_owner *owner, const counter *const *cells, const int_cell *const *plains,
                            int **values)
{
#ifdef BROKEN_try_rw_n_of_a_cell
    (void)im_qcell_try_rw_n(owner, 2, plains, values);
#else
    (void)im_qcell_try_rw_n(owner, 2, cells, values);
#endif
}

/* case: try_rw_of_a_cell */
/* error: token: try_rw needs an im_qcell */
void use_try_rw_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_try_rw_of_a_cell
    (void)im_qcell_try_rw(owner, plain);
#else
    (void)im_qcell_try_rw(owner, cell);
#endif
}

/* case: try_with_ro_of_a_cell */
/* error: token: try_with_ro needs an im_qcell */
void use_try_with_ro_of_a_cell(const struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_try_with_ro_of_a_cell
    im_qcell_try_with_ro(p, owner, plain)
        (void)p;
#else
    im_qcell_try_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: try_with_rw_of_a_cell */
/* error: token: try_with_rw needs an im_qcell */
void use_try_with_rw_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_try_with_rw_of_a_cell
    im_qcell_try_with_rw(p, owner, plain)
        (void)p;
#else
    im_qcell_try_with_rw(p, owner, cell)
        (void)p;
#endif
}

/* case: with_ro_of_a_cell */
/* error: token: with_ro needs an im_qcell */
void use_with_ro_of_a_cell(const struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_with_ro_of_a_cell
    im_qcell_with_ro(p, owner, plain)
        (void)p;
#else
    im_qcell_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: with_rw_of_a_cell */
/* error: token: with_rw needs an im_qcell */
void use_with_rw_of_a_cell(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_with_rw_of_a_cell
    im_qcell_with_rw(p, owner, plain)
        (void)p;
#else
    im_qcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
