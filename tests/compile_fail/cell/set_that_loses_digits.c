/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'double' to 'int' may change value */
/* error clang: implicit conversion turns floating-point number into integer */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(const counter *self, double value)
{
#ifdef BROKEN
    im_cell_set(self, value);
#else
    im_cell_set(self, (int)value);
#endif
}
