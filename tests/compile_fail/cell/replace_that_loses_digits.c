/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(const counter *self, long value)
{
#ifdef BROKEN
    (void)im_cell_replace(self, value);
#else
    (void)im_cell_replace(self, (int)value);
#endif
}
