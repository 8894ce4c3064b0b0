/* SPDX-License-Identifier: MIT */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

/* case: hold_that_is_not_released */
/* error clang: is still held at the end of function */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_hold_that_is_not_released(struct im_qcell_owner *owner)
{
    im_owner_hold(owner);
#ifdef BROKEN_hold_that_is_not_released
    (void)0;
#else
    im_owner_release(owner);
#endif
}

/* case: hold_that_is_released_on_one_path */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_hold_that_is_released_on_one_path(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold(owner);
    if (*im_qcell_ro(owner, cell))
#ifdef BROKEN_hold_that_is_released_on_one_path
        im_owner_release(owner);
#else
        *im_qcell_rw(owner, cell) = 0;
    im_owner_release(owner);
#endif
}

/* case: hold_twice */
/* error clang: that is already held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_hold_twice(struct im_qcell_owner *owner)
{
    im_owner_hold(owner);
#ifdef BROKEN_hold_twice
    im_owner_hold(owner);
#else
    (void)0;
#endif
    im_owner_release(owner);
}

/* case: qcell_ro_after_the_release */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_ro_after_the_release(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold(owner);
#ifdef BROKEN_qcell_ro_after_the_release
    im_owner_release(owner);
    (void)im_qcell_ro(owner, cell);
#else
    (void)im_qcell_ro(owner, cell);
    im_owner_release(owner);
#endif
}

/* case: qcell_ro_of_another_owner */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_ro_of_another_owner(struct im_qcell_owner *owner, struct im_qcell_owner *other, const counter *cell)
{
    im_owner_hold(owner);
#ifdef BROKEN_qcell_ro_of_another_owner
    (void)im_qcell_ro(other, cell);
#else
    (void)im_qcell_ro(owner, cell);
#endif
    im_owner_release(owner);
    (void)other;
}

/* case: qcell_ro_without_holding */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_ro_without_holding(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_ro_without_holding
    (void)im_qcell_ro(owner, cell);
#else
    im_owner_hold_shared(owner);
    (void)im_qcell_ro(owner, cell);
    im_owner_release_shared(owner);
#endif
}

/* case: qcell_rw2_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw2_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN_qcell_rw2_of_a_shared_hold
    im_owner_hold_shared(owner);
    im_qcell_rw2(owner, cell, b, &p, &q);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw2_without_holding */
/* error clang: calling function 'im_raw_owner_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw2_without_holding(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN_qcell_rw2_without_holding
    im_qcell_rw2(owner, cell, b, &p, &q);
#else
    im_owner_hold(owner);
    im_qcell_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw3_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_rw3' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw3_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                    const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_qcell_rw3_of_a_shared_hold
    im_owner_hold_shared(owner);
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw3_without_holding */
/* error clang: calling function 'im_raw_owner_rw3' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw3_without_holding(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                   const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_qcell_rw3_without_holding
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
#else
    im_owner_hold(owner);
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw_after_the_release */
/* error clang: calling function 'im_raw_owner_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_after_the_release(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold(owner);
#ifdef BROKEN_qcell_rw_after_the_release
    im_owner_release(owner);
    *im_qcell_rw(owner, cell) = 1;
#else
    *im_qcell_rw(owner, cell) = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_rw_n_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_rw_n' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_n_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, int **values)
{
#ifdef BROKEN_qcell_rw_n_of_a_shared_hold
    im_owner_hold_shared(owner);
    im_qcell_rw_n(owner, 1, &cell, values);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_rw_n(owner, 1, &cell, values);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw_n_without_holding */
/* error clang: calling function 'im_raw_owner_rw_n' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_n_without_holding(struct im_qcell_owner *owner, const counter *cell, int **values)
{
#ifdef BROKEN_qcell_rw_n_without_holding
    im_qcell_rw_n(owner, 1, &cell, values);
#else
    im_owner_hold(owner);
    im_qcell_rw_n(owner, 1, &cell, values);
    im_owner_release(owner);
#endif
}

/* case: qcell_rw_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_rw_of_a_shared_hold
    im_owner_hold_shared(owner);
    *im_qcell_rw(owner, cell) = 1;
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    *im_qcell_rw(owner, cell) = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_rw_of_another_owner */
/* error clang: calling function 'im_raw_owner_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_of_another_owner(struct im_qcell_owner *owner, struct im_qcell_owner *other, const counter *cell)
{
    im_owner_hold(owner);
#ifdef BROKEN_qcell_rw_of_another_owner
    *im_qcell_rw(other, cell) = 1;
#else
    *im_qcell_rw(owner, cell) = 1;
#endif
    im_owner_release(owner);
    (void)other;
}

/* case: qcell_rw_without_holding */
/* error clang: calling function 'im_raw_owner_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_rw_without_holding(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_rw_without_holding
    *im_qcell_rw(owner, cell) = 1;
#else
    im_owner_hold(owner);
    *im_qcell_rw(owner, cell) = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_try_ro_without_holding */
/* error clang: calling function 'im_raw_owner_try_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_ro_without_holding(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_ro_without_holding
    (void)im_qcell_try_ro(owner, cell);
#else
    im_owner_hold_shared(owner);
    (void)im_qcell_try_ro(owner, cell);
    im_owner_release_shared(owner);
#endif
}

/* case: qcell_try_rw2_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_try_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw2_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p,
                                        int *q)
{
#ifdef BROKEN_qcell_try_rw2_of_a_shared_hold
    im_owner_hold_shared(owner);
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw2_without_holding */
/* error clang: calling function 'im_raw_owner_try_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw2_without_holding(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p,
                                       int *q)
{
#ifdef BROKEN_qcell_try_rw2_without_holding
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw3_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_try_rw3' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw3_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                        const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_qcell_try_rw3_of_a_shared_hold
    im_owner_hold_shared(owner);
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw3_without_holding */
/* error clang: calling function 'im_raw_owner_try_rw3' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw3_without_holding(struct im_qcell_owner *owner, const counter *cell, const counter *b,
                                       const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN_qcell_try_rw3_without_holding
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw_n_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_try_rw_n' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw_n_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell, int **values)
{
#ifdef BROKEN_qcell_try_rw_n_of_a_shared_hold
    im_owner_hold_shared(owner);
    (void)im_qcell_try_rw_n(owner, 1, &cell, values);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw_n(owner, 1, &cell, values);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw_n_without_holding */
/* error clang: calling function 'im_raw_owner_try_rw_n' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw_n_without_holding(struct im_qcell_owner *owner, const counter *cell, int **values)
{
#ifdef BROKEN_qcell_try_rw_n_without_holding
    (void)im_qcell_try_rw_n(owner, 1, &cell, values);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw_n(owner, 1, &cell, values);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_try_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_rw_of_a_shared_hold
    im_owner_hold_shared(owner);
    (void)im_qcell_try_rw(owner, cell);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw(owner, cell);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_rw_without_holding */
/* error clang: calling function 'im_raw_owner_try_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_rw_without_holding(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_rw_without_holding
    (void)im_qcell_try_rw(owner, cell);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw(owner, cell);
    im_owner_release(owner);
#endif
}

/* case: qcell_try_with_ro_without_holding */
/* error clang: calling function 'im_raw_owner_try_open_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_with_ro_without_holding(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_with_ro_without_holding
    im_qcell_try_with_ro(value, owner, cell)
        (void)value;
#else
    im_owner_hold_shared(owner);
    im_qcell_try_with_ro(value, owner, cell)
        (void)value;
    im_owner_release_shared(owner);
#endif
}

/* case: qcell_try_with_rw_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_try_open_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_with_rw_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_with_rw_of_a_shared_hold
    im_owner_hold_shared(owner);
    im_qcell_try_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_try_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_try_with_rw_without_holding */
/* error clang: calling function 'im_raw_owner_try_open_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_try_with_rw_without_holding(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_try_with_rw_without_holding
    im_qcell_try_with_rw(value, owner, cell)
        *value = 1;
#else
    im_owner_hold(owner);
    im_qcell_try_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_with_ro_without_holding */
/* error clang: calling function 'im_raw_owner_open_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_with_ro_without_holding(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_with_ro_without_holding
    im_qcell_with_ro(value, owner, cell)
        (void)value;
#else
    im_owner_hold_shared(owner);
    im_qcell_with_ro(value, owner, cell)
        (void)value;
    im_owner_release_shared(owner);
#endif
}

/* case: qcell_with_rw_of_a_shared_hold */
/* error clang: calling function 'im_raw_owner_open_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_with_rw_of_a_shared_hold(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_with_rw_of_a_shared_hold
    im_owner_hold_shared(owner);
    im_qcell_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release(owner);
#endif
}

/* case: qcell_with_rw_without_holding */
/* error clang: calling function 'im_raw_owner_open_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_qcell_with_rw_without_holding(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN_qcell_with_rw_without_holding
    im_qcell_with_rw(value, owner, cell)
        *value = 1;
#else
    im_owner_hold(owner);
    im_qcell_with_rw(value, owner, cell)
        *value = 1;
    im_owner_release(owner);
#endif
}

/* case: release_of_what_is_not_held */
/* error clang: that was not held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_release_of_what_is_not_held(struct im_qcell_owner *owner)
{
#ifdef BROKEN_release_of_what_is_not_held
    im_owner_release(owner);
#else
    im_owner_hold(owner);
    im_owner_release(owner);
#endif
}

/* case: shared_hold_released_as_exclusive */
/* error clang: using exclusive access, expected shared */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
void use_shared_hold_released_as_exclusive(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold_shared(owner);
    (void)im_qcell_ro(owner, cell);
#ifdef BROKEN_shared_hold_released_as_exclusive
    im_owner_release(owner);
#else
    im_owner_release_shared(owner);
#endif
}
