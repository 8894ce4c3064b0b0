/* SPDX-License-Identifier: MIT */
#include "opaque.h"

void set_elsewhere(const int_cell *cell, int value)
{
    im_cell_set(cell, value);
}

int get_elsewhere(const int_cell *cell)
{
    return im_cell_get(cell);
}
