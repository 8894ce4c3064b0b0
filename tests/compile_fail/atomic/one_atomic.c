/* SPDX-License-Identifier: MIT */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

/* case: assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
void use_assign(counter *self, counter *other)
{
#ifdef BROKEN_assign
    *self = *other;
#else
    im_atomic_store(self, im_atomic_load(other));
#endif
}

/* case: fetch_add_that_loses_digits */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
void use_fetch_add_that_loses_digits(const counter *self, long step)
{
#ifdef BROKEN_fetch_add_that_loses_digits
    (void)im_atomic_fetch_add(self, step);
#else
    (void)im_atomic_fetch_add(self, (int)step);
#endif
}

/* case: load_acq_rel */
/* error: atomic: a load cannot release */
void use_load_acq_rel(const counter *self)
{
#ifdef BROKEN_load_acq_rel
    (void)im_atomic_load_explicit(self, memory_order_acq_rel);
#else
    (void)im_atomic_load_explicit(self, memory_order_acquire);
#endif
}

/* case: load_into_another_type */
/* error: atomic: load_into needs a pointer to a T */
void use_load_into_another_type(const counter *self, int *out, unsigned *wrong)
{
#ifdef BROKEN_load_into_another_type
    im_atomic_load_into(self, wrong);
    (void)out;
#else
    im_atomic_load_into(self, out);
    (void)wrong;
#endif
}

/* case: load_into_const */
/* error: atomic: load_into needs a pointer to a T */
void use_load_into_const(const counter *self, int *out, const int *wrong)
{
#ifdef BROKEN_load_into_const
    im_atomic_load_into(self, wrong);
    (void)out;
#else
    im_atomic_load_into(self, out);
    (void)wrong;
#endif
}

/* case: load_into_release */
/* error: atomic: a load cannot release */
void use_load_into_release(const counter *self, int *out)
{
#ifdef BROKEN_load_into_release
    im_atomic_load_into_explicit(self, out, memory_order_acq_rel);
#else
    im_atomic_load_into_explicit(self, out, memory_order_acquire);
#endif
}

/* case: load_release */
/* error: atomic: a load cannot release */
void use_load_release(const counter *self)
{
#ifdef BROKEN_load_release
    (void)im_atomic_load_explicit(self, memory_order_release);
#else
    (void)im_atomic_load_explicit(self, memory_order_acquire);
#endif
}

/* case: store_acq_rel */
/* error: atomic: a store cannot acquire */
void use_store_acq_rel(const counter *self)
{
#ifdef BROKEN_store_acq_rel
    im_atomic_store_explicit(self, 1, memory_order_acq_rel);
#else
    im_atomic_store_explicit(self, 1, memory_order_release);
#endif
}

/* case: store_acquire */
/* error: atomic: a store cannot acquire */
void use_store_acquire(const counter *self)
{
#ifdef BROKEN_store_acquire
    im_atomic_store_explicit(self, 1, memory_order_acquire);
#else
    im_atomic_store_explicit(self, 1, memory_order_release);
#endif
}

/* case: store_consume */
/* error: atomic: a store cannot acquire */
void use_store_consume(const counter *self)
{
#ifdef BROKEN_store_consume
    im_atomic_store_explicit(self, 1, memory_order_consume);
#else
    im_atomic_store_explicit(self, 1, memory_order_release);
#endif
}

/* case: store_of_a_pointer */
/* error gcc: makes integer from pointer without a cast */
/* error clang: incompatible pointer to integer conversion */
void use_store_of_a_pointer(const counter *self, int *value)
{
#ifdef BROKEN_store_of_a_pointer
    im_atomic_store(self, value);
#else
    im_atomic_store(self, *value);
#endif
}

/* case: write_without_store */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: cannot assign to variable 'self' with const-qualified type */
void use_write_without_store(const counter *self)
{
#ifdef BROKEN_write_without_store
    self->im_value = 1;
#else
    im_atomic_store(self, 1);
#endif
}
