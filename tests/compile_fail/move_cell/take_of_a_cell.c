/* SPDX-License-Identifier: MIT */
/* error: move_cell: take needs an im_move_cell */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;
typedef im_cell(struct buffer) buffer_cell;

void use(const spare_buffer *self, const buffer_cell *plain)
{
#ifdef BROKEN
    (void)im_move_cell_take(plain);
#else
    (void)im_move_cell_take(self);
#endif
}
