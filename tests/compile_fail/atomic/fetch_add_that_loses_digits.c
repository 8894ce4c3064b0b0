/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self, long step)
{
#ifdef BROKEN
    (void)im_atomic_fetch_add(self, step);
#else
    (void)im_atomic_fetch_add(self, (int)step);
#endif
}
