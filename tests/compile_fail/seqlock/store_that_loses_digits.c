/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

void use(const number *self, long value)
{
#ifdef BROKEN
    im_seqlock_store(self, value);
#else
    im_seqlock_store(self, (int)value);
#endif
}
