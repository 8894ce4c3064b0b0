/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;

void use(spare_buffer *self, spare_buffer *other)
{
#ifdef BROKEN
    *self = *other;
#else
    (void)im_move_cell_replace(self, im_move_cell_take(other));
#endif
}
