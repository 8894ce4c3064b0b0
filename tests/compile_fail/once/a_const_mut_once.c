/* SPDX-License-Identifier: MIT */
#include <intermut/mut_once.h>

typedef im_sync_mut_once(int) number;

/* case: mut_once_get_mut_through_const */
/* error: mut_once: get_mut needs an exclusive (non-const) pointer */
#ifdef BROKEN_mut_once_get_mut_through_const
int *use_mut_once_get_mut_through_const(const number *self)
#else
int *use_mut_once_get_mut_through_const(number *self)
#endif
{
    return im_mut_once_get_mut(self);
}

/* case: mut_once_into_inner_through_const */
/* error: mut_once: into_inner needs an exclusive (non-const) pointer */
#ifdef BROKEN_mut_once_into_inner_through_const
int use_mut_once_into_inner_through_const(const number *self)
#else
int use_mut_once_into_inner_through_const(number *self)
#endif
{
    return im_mut_once_into_inner(self);
}

/* case: mut_once_try_get_mut_through_const */
/* error: mut_once: try_get_mut needs an exclusive (non-const) pointer */
#ifdef BROKEN_mut_once_try_get_mut_through_const
int *use_mut_once_try_get_mut_through_const(const number *self)
#else
int *use_mut_once_try_get_mut_through_const(number *self)
#endif
{
    return im_mut_once_try_get_mut(self);
}

/* case: mut_once_try_into_inner_through_const */
/* error: mut_once: try_into_inner needs an exclusive (non-const) pointer */
#ifdef BROKEN_mut_once_try_into_inner_through_const
int use_mut_once_try_into_inner_through_const(const number *self, int *out)
#else
int use_mut_once_try_into_inner_through_const(number *self, int *out)
#endif
{
    return im_mut_once_try_into_inner(self, out);
}
