/* SPDX-License-Identifier: MIT */
#include <intermut/once.h>

typedef im_once(int) number;

/* case: assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
void use_assign(number *self, number *other)
{
#ifdef BROKEN_assign
    *self = *other;
#else
    number moved = *other;
    (void)moved;
    (void)self;
#endif
}

/* case: get_by_value */
/* error: once: get needs an im_once: pass its address, with a & */
/* up to 14 errors: what is no pointer has none of the members that are looked for */
const int *use_get_by_value(number *self)
{
#ifdef BROKEN_get_by_value
    return im_once_get(*self);
#else
    return im_once_get(self);
#endif
}

/* case: get_kept_as_non_const */
/* error gcc: initialization discards 'const' qualifier */
/* error clang: discards qualifiers */
int use_get_kept_as_non_const(const number *self)
{
#ifdef BROKEN_get_kept_as_non_const
    int *value = im_once_get(self);
    return *value;
#else
    const int *value = im_once_get(self);
    return *value;
#endif
}

/* case: get_mut_through_const */
/* error: once: get_mut needs an exclusive (non-const) pointer */
#ifdef BROKEN_get_mut_through_const
int *use_get_mut_through_const(const number *self)
#else
int *use_get_mut_through_const(number *self)
#endif
{
    return im_once_get_mut(self);
}

/* case: into_inner_into_another_type */
/* error: once: into_inner moves the value to a T * */
#ifdef BROKEN_into_inner_into_another_type
int use_into_inner_into_another_type(number *self, long *out)
#else
int use_into_inner_into_another_type(number *self, int *out)
#endif
{
    return im_once_into_inner(self, out);
}

/* case: into_inner_through_const */
/* error: once: into_inner needs an exclusive (non-const) pointer */
#ifdef BROKEN_into_inner_through_const
int use_into_inner_through_const(const number *self, int *out)
#else
int use_into_inner_through_const(number *self, int *out)
#endif
{
    return im_once_into_inner(self, out);
}

/* case: set_giving_back_another_type */
/* error: once: set gives the value back to a T * */
#ifdef BROKEN_set_giving_back_another_type
int use_set_giving_back_another_type(const number *self, long *back)
#else
int use_set_giving_back_another_type(const number *self, int *back)
#endif
{
    return im_once_set(self, back, 1);
}

/* case: set_that_loses_digits */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
int use_set_that_loses_digits(const number *self, long value)
{
#ifdef BROKEN_set_that_loses_digits
    return im_once_set(self, NULL, value);
#else
    return im_once_set(self, NULL, (int)value);
#endif
}

/* case: take_into_another_type */
/* error: once: take moves the value to a T * */
#ifdef BROKEN_take_into_another_type
int use_take_into_another_type(number *self, long *out)
#else
int use_take_into_another_type(number *self, int *out)
#endif
{
    return im_once_take(self, out);
}

/* case: take_through_const */
/* error: once: take needs an exclusive (non-const) pointer */
#ifdef BROKEN_take_through_const
int use_take_through_const(const number *self, int *out)
#else
int use_take_through_const(number *self, int *out)
#endif
{
    return im_once_take(self, out);
}

/* case: try_insert_giving_back_another_type */
/* error: once: try_insert gives the value back to a T * */
#ifdef BROKEN_try_insert_giving_back_another_type
int use_try_insert_giving_back_another_type(const number *self, long *back)
#else
int use_try_insert_giving_back_another_type(const number *self, int *back)
#endif
{
    const int *at;
    return im_once_try_insert(self, &at, back, 1);
}

/* case: try_insert_into_a_pointer_to_non_const */
/* error: once: try_insert writes a const T * to its second argument */
#ifdef BROKEN_try_insert_into_a_pointer_to_non_const
int use_try_insert_into_a_pointer_to_non_const(const number *self, int **at)
#else
int use_try_insert_into_a_pointer_to_non_const(const number *self, const int **at)
#endif
{
    return im_once_try_insert(self, at, NULL, 1);
}

/* case: wait_for_into_a_pointer_to_non_const */
/* error: once: wait_for writes a const T * to its last argument */
#ifdef BROKEN_wait_for_into_a_pointer_to_non_const
int use_wait_for_into_a_pointer_to_non_const(const number *self, int **at)
#else
int use_wait_for_into_a_pointer_to_non_const(const number *self, const int **at)
#endif
{
    return im_once_wait_for(self, 1, at);
}

/* case: wait_until_into_a_pointer_to_non_const */
/* error: once: wait_until writes a const T * to its last argument */
#ifdef BROKEN_wait_until_into_a_pointer_to_non_const
int use_wait_until_into_a_pointer_to_non_const(const number *self, int **at)
#else
int use_wait_until_into_a_pointer_to_non_const(const number *self, const int **at)
#endif
{
    return im_once_wait_until(self, 1, at);
}

/* case: write_through_get */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_get(number *self)
{
#ifdef BROKEN_write_through_get
    *im_once_get(self) = 1;
#else
    *im_once_get_mut(self) = 1;
#endif
}
