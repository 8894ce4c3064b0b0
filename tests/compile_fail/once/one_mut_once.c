/* SPDX-License-Identifier: MIT */
#include <intermut/mut_once.h>

typedef im_mut_once(int) number;

/* case: mut_once_assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
void use_mut_once_assign(number *self, number *other)
{
#ifdef BROKEN_mut_once_assign
    *self = *other;
#else
    number moved = *other;
    (void)moved;
    (void)self;
#endif
}

/* case: mut_once_get_by_value */
/* error: mut_once: get needs an im_mut_once: pass its address, with a & */
/* up to 19 errors: what is no pointer has none of the members that are looked for */
const int *use_mut_once_get_by_value(number *self)
{
#ifdef BROKEN_mut_once_get_by_value
    return im_mut_once_get(*self);
#else
    return im_mut_once_get(self);
#endif
}

/* case: mut_once_try_into_inner_into_another_type */
/* error: mut_once: try_into_inner moves the value to a T * */
#ifdef BROKEN_mut_once_try_into_inner_into_another_type
int use_mut_once_try_into_inner_into_another_type(number *self, long *out)
#else
int use_mut_once_try_into_inner_into_another_type(number *self, int *out)
#endif
{
    return im_mut_once_try_into_inner(self, out);
}

/* case: write_through_a_fixed_reference */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_fixed_reference(const number *self)
{
#ifdef BROKEN_write_through_a_fixed_reference
    *im_mut_once_get(self) = 1;
#else
    *im_mut_once_borrow_mut(self) = 1;
#endif
}
