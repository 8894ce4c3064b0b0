/* SPDX-License-Identifier: MIT */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

/* case: destroy_of_a_cell */
/* error: refcell: destroy needs an im_refcell */
void use_destroy_of_a_cell(counter *plain, number *lent)
{
#ifdef BROKEN_destroy_of_a_cell
    im_refcell_destroy(plain);
    (void)lent;
#else
    im_refcell_destroy(lent);
    (void)plain;
#endif
}

/* case: get_mut_of_a_cell */
/* error: refcell: get_mut needs an im_refcell */
void use_get_mut_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_get_mut_of_a_cell
    (void)im_refcell_get_mut(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_get_mut(lent);
    (void)plain, (void)out;
#endif
}

/* case: into_inner_of_a_cell */
/* error: refcell: into_inner needs an im_refcell */
void use_into_inner_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_into_inner_of_a_cell
    (void)im_refcell_into_inner(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_into_inner(lent);
    (void)plain, (void)out;
#endif
}

/* case: try_destroy_of_a_cell */
/* error: refcell: try_destroy needs an im_refcell */
void use_try_destroy_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_destroy_of_a_cell
    (void)im_refcell_try_destroy(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_destroy(lent);
    (void)plain, (void)out;
#endif
}

/* case: try_get_mut_of_a_cell */
/* error: refcell: try_get_mut needs an im_refcell */
void use_try_get_mut_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_get_mut_of_a_cell
    (void)im_refcell_try_get_mut(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_get_mut(lent);
    (void)plain, (void)out;
#endif
}

/* case: try_into_inner_of_a_cell */
/* error: refcell: try_into_inner needs an im_refcell */
void use_try_into_inner_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_into_inner_of_a_cell
    (void)im_refcell_try_into_inner(plain, out);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_into_inner(lent, out);
    (void)plain, (void)out;
#endif
}

/* case: try_replace_of_a_cell */
/* error: refcell: try_replace needs an im_refcell */
void use_try_replace_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_replace_of_a_cell
    (void)im_refcell_try_replace(plain, out, 1);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_replace(lent, out, 1);
    (void)plain, (void)out;
#endif
}

/* case: try_replace_with_of_a_cell */
/* error: refcell: try_replace_with needs an im_refcell */
void use_try_replace_with_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_replace_with_of_a_cell
    (void)im_refcell_try_replace_with(plain, out, p, *p + 1);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_replace_with(lent, out, p, *p + 1);
    (void)plain, (void)out;
#endif
}

/* case: try_take_of_a_cell */
/* error: refcell: try_take needs an im_refcell */
void use_try_take_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_try_take_of_a_cell
    (void)im_refcell_try_take(plain, out);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_take(lent, out);
    (void)plain, (void)out;
#endif
}

/* case: undo_leak_of_a_cell */
/* error: refcell: undo_leak needs an im_refcell */
void use_undo_leak_of_a_cell(counter *plain, number *lent, int *out)
{
#ifdef BROKEN_undo_leak_of_a_cell
    (void)im_refcell_undo_leak(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_undo_leak(lent);
    (void)plain, (void)out;
#endif
}
