/* SPDX-License-Identifier: MIT */
#include <intermut/once_race.h>

typedef im_once_race(int) number;

/* case: once_race_assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
void use_once_race_assign(number *self, number *other)
{
#ifdef BROKEN_once_race_assign
    *self = *other;
#else
    number moved = *other;
    (void)moved;
    (void)self;
#endif
}

/* case: once_race_get_mut_through_const */
/* error: once_race: get_mut needs an exclusive (non-const) pointer */
#ifdef BROKEN_once_race_get_mut_through_const
int *use_once_race_get_mut_through_const(const number *self)
#else
int *use_once_race_get_mut_through_const(number *self)
#endif
{
    return im_once_race_get_mut(self);
}

/* case: once_race_into_inner_through_const */
/* error: once_race: into_inner needs an exclusive (non-const) pointer */
#ifdef BROKEN_once_race_into_inner_through_const
int use_once_race_into_inner_through_const(const number *self)
#else
int use_once_race_into_inner_through_const(number *self)
#endif
{
    return im_once_race_into_inner(self);
}

/* case: once_race_take_through_const */
/* error: once_race: take needs an exclusive (non-const) pointer */
#ifdef BROKEN_once_race_take_through_const
int use_once_race_take_through_const(const number *self)
#else
int use_once_race_take_through_const(number *self)
#endif
{
    return im_once_race_take(self);
}
