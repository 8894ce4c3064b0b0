/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_refcell(long) large_number;
typedef im_ref(int) number_ref;
typedef im_ref_mut(int) number_ref_mut;
typedef struct {
    int left, right;
} pair;
typedef im_refcell(pair) pair_cell;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref(long) long_ref;

void use(const number *self, long value)
{
#ifdef BROKEN
    (void)im_refcell_replace(self, value);
#else
    (void)im_refcell_replace(self, (int)value);
#endif
}
