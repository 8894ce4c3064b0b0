/* SPDX-License-Identifier: MIT */
/* Functions in a file of their own, so that the compiler cannot look into them from the tests. */
#ifndef OPAQUE_H
#define OPAQUE_H

#include <intermut/cell.h>

typedef im_cell(int) int_cell;

void set_elsewhere(const int_cell *cell, int value);
int get_elsewhere(const int_cell *cell) __attribute__((pure));

#endif
