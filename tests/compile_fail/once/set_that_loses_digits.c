/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/once.h>

typedef im_once(int) number;

int use(const number *self, long value)
{
#ifdef BROKEN
    return im_once_set(self, NULL, value);
#else
    return im_once_set(self, NULL, (int)value);
#endif
}
