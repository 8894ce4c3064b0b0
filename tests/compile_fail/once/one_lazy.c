/* SPDX-License-Identifier: MIT */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

/* case: lazy_assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
void use_lazy_assign(number *self, number *other)
{
#ifdef BROKEN_lazy_assign
    *self = *other;
#else
    number moved = *other;
    (void)moved;
    (void)self;
#endif
}

/* case: lazy_get_by_value */
/* error: lazy: get needs an im_lazy: pass its address, with a & */
/* up to 26 errors: what is no pointer has none of the members that are looked for */
const int *use_lazy_get_by_value(number *self)
{
#ifdef BROKEN_lazy_get_by_value
    return im_lazy_get(*self);
#else
    return im_lazy_get(self);
#endif
}

/* case: lazy_get_mut_through_const */
/* error: lazy: get_mut needs an exclusive (non-const) pointer */
#ifdef BROKEN_lazy_get_mut_through_const
int *use_lazy_get_mut_through_const(const number *self)
#else
int *use_lazy_get_mut_through_const(number *self)
#endif
{
    return im_lazy_get_mut(self);
}

/* case: lazy_into_inner_into_another_type */
/* error: lazy: into_inner moves the value to a T * */
#ifdef BROKEN_lazy_into_inner_into_another_type
int use_lazy_into_inner_into_another_type(number *self, long *out)
#else
int use_lazy_into_inner_into_another_type(number *self, int *out)
#endif
{
    return im_lazy_into_inner(self, out);
}

/* case: lazy_into_inner_through_const */
/* error: lazy: into_inner needs an exclusive (non-const) pointer */
#ifdef BROKEN_lazy_into_inner_through_const
int use_lazy_into_inner_through_const(const number *self, int *out)
#else
int use_lazy_into_inner_through_const(number *self, int *out)
#endif
{
    return im_lazy_into_inner(self, out);
}

/* case: lazy_take_into_another_type */
/* error: lazy: take moves the value to a T * */
#ifdef BROKEN_lazy_take_into_another_type
int use_lazy_take_into_another_type(number *self, long *out)
#else
int use_lazy_take_into_another_type(number *self, int *out)
#endif
{
    return im_lazy_take(self, out);
}

/* case: lazy_take_through_const */
/* error: lazy: take needs an exclusive (non-const) pointer */
#ifdef BROKEN_lazy_take_through_const
int use_lazy_take_through_const(const number *self, int *out)
#else
int use_lazy_take_through_const(number *self, int *out)
#endif
{
    return im_lazy_take(self, out);
}

/* case: lazy_try_get_into_a_pointer_to_non_const */
/* error: lazy: try_get writes a const T * to its last argument */
#ifdef BROKEN_lazy_try_get_into_a_pointer_to_non_const
int use_lazy_try_get_into_a_pointer_to_non_const(const number *self, int **at)
#else
int use_lazy_try_get_into_a_pointer_to_non_const(const number *self, const int **at)
#endif
{
    return im_lazy_try_get(self, at);
}
