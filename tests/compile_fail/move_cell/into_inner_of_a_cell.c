/* SPDX-License-Identifier: MIT */
/* error: move_cell: into_inner needs an im_move_cell */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;
typedef im_cell(struct buffer) buffer_cell;

void use(spare_buffer *self, buffer_cell *plain)
{
#ifdef BROKEN
    (void)im_move_cell_into_inner(plain);
#else
    (void)im_move_cell_into_inner(self);
#endif
}
