/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell */
#include <intermut/cell.h>

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    (void)im_cell_get(self);
#else
    (void)table_len(self);
#endif
}
