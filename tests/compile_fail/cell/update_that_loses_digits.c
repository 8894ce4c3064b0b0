/* SPDX-License-Identifier: MIT */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(const counter *self, long step)
{
#ifdef BROKEN
    (void)im_cell_update(self, n, n + step);
#else
    (void)im_cell_update(self, n, n + (int)step);
#endif
}
