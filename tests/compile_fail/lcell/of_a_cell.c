/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
typedef im_cell(int) int_cell;

/* case: get_mut_of_a_cell */
/* error: token: get_mut needs an im_lcell */
void use_get_mut_of_a_cell(counter *cell, int_cell *other)
{
#ifdef BROKEN_get_mut_of_a_cell
    (void)im_lcell_get_mut(other);
#else
    (void)im_lcell_get_mut(cell);
#endif
}

/* case: into_inner_of_a_cell */
/* error: token: into_inner needs an im_lcell */
void use_into_inner_of_a_cell(counter *cell, int_cell *other)
{
#ifdef BROKEN_into_inner_of_a_cell
    (void)im_lcell_into_inner(other);
#else
    (void)im_lcell_into_inner(cell);
#endif
}

/* case: ro_of_a_cell */
/* error: token: ro needs an im_lcell */
void use_ro_of_a_cell(const hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_ro_of_a_cell
    (void)im_lcell_ro(owner, plain);
#else
    (void)im_lcell_ro(owner, cell);
#endif
}

/* case: rw2_of_a_cell */
/* error: token: rw2 needs an im_lcell */
void use_rw2_of_a_cell(hits_owner *owner, const counter *cell, const int_cell *plain, const counter *b, int *p, int *q)
{
#ifdef BROKEN_rw2_of_a_cell
    im_lcell_rw2(owner, plain, b, &p, &q);
#else
    im_lcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw_n_of_a_cell */
/* error: token: rw_n needs an im_lcell */
void use_rw_n_of_a_cell(hits_owner *owner, const counter *const *cells, const int_cell *const *plains, int **values)
{
#ifdef BROKEN_rw_n_of_a_cell
    im_lcell_rw_n(owner, 2, plains, values);
#else
    im_lcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: rw_of_a_cell */
/* error: token: rw needs an im_lcell */
void use_rw_of_a_cell(hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_rw_of_a_cell
    (void)im_lcell_rw(owner, plain);
#else
    (void)im_lcell_rw(owner, cell);
#endif
}

/* case: with_rw_of_a_cell */
/* error: token: with_rw needs an im_lcell */
void use_with_rw_of_a_cell(hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN_with_rw_of_a_cell
    im_lcell_with_rw(p, owner, plain)
        (void)p;
#else
    im_lcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
