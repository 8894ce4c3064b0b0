/* SPDX-License-Identifier: MIT */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;

/* case: ro_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_ro_by_another_owner(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN_ro_by_another_owner
    (void)im_lcell_ro(other, cell);
#else
    (void)im_lcell_ro(owner, cell);
#endif
}

/* case: rw2_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_rw2_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b, int *p,
                              int *q)
{
#ifdef BROKEN_rw2_by_another_owner
    im_lcell_rw2(other, cell, b, &p, &q);
#else
    im_lcell_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: rw3_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_rw3_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b,
                              const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_rw3_by_another_owner
    im_lcell_rw3(other, cell, b, d, &p, &q, &r);
#else
    im_lcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: rw_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_rw_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell)
{
#ifdef BROKEN_rw_by_another_owner
    (void)im_lcell_rw(other, cell);
#else
    (void)im_lcell_rw(owner, cell);
#endif
}

/* case: rw_n_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_rw_n_by_another_owner(hits_owner *owner, misses_owner *other, const counter *const *cells, int **values)
{
#ifdef BROKEN_rw_n_by_another_owner
    im_lcell_rw_n(other, 2, cells, values);
#else
    im_lcell_rw_n(owner, 2, cells, values);
#endif
}

/* case: try_ro_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_ro_by_another_owner(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN_try_ro_by_another_owner
    (void)im_lcell_try_ro(other, cell);
#else
    (void)im_lcell_try_ro(owner, cell);
#endif
}

/* case: try_rw2_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_rw2_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b, int *p,
                                  int *q)
{
#ifdef BROKEN_try_rw2_by_another_owner
    (void)im_lcell_try_rw2(other, cell, b, &p, &q);
#else
    (void)im_lcell_try_rw2(owner, cell, b, &p, &q);
#endif
}

/* case: try_rw3_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_rw3_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b,
                                  const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_try_rw3_by_another_owner
    (void)im_lcell_try_rw3(other, cell, b, d, &p, &q, &r);
#else
    (void)im_lcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}

/* case: try_rw_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_rw_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell)
{
#ifdef BROKEN_try_rw_by_another_owner
    (void)im_lcell_try_rw(other, cell);
#else
    (void)im_lcell_try_rw(owner, cell);
#endif
}

/* case: try_rw_n_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_rw_n_by_another_owner(hits_owner *owner, misses_owner *other, const counter *const *cells, int **values)
{
#ifdef BROKEN_try_rw_n_by_another_owner
    (void)im_lcell_try_rw_n(other, 2, cells, values);
#else
    (void)im_lcell_try_rw_n(owner, 2, cells, values);
#endif
}

/* case: try_with_ro_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_with_ro_by_another_owner(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN_try_with_ro_by_another_owner
    im_lcell_try_with_ro(p, other, cell)
        (void)p;
#else
    im_lcell_try_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: try_with_rw_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_try_with_rw_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell)
{
#ifdef BROKEN_try_with_rw_by_another_owner
    im_lcell_try_with_rw(p, other, cell)
        (void)p;
#else
    im_lcell_try_with_rw(p, owner, cell)
        (void)p;
#endif
}

/* case: with_ro_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_with_ro_by_another_owner(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN_with_ro_by_another_owner
    im_lcell_with_ro(p, other, cell)
        (void)p;
#else
    im_lcell_with_ro(p, owner, cell)
        (void)p;
#endif
}

/* case: with_rw_by_another_owner */
/* error: token: this cell belongs to another owner */
void use_with_rw_by_another_owner(hits_owner *owner, misses_owner *other, const counter *cell)
{
#ifdef BROKEN_with_rw_by_another_owner
    im_lcell_with_rw(p, other, cell)
        (void)p;
#else
    im_lcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
