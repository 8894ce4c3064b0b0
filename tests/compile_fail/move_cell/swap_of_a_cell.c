/* SPDX-License-Identifier: MIT */
/* error: move_cell: swap needs two move cells of one type */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;
typedef im_cell(struct buffer) buffer_cell;

void use(const spare_buffer *self, const buffer_cell *plain)
{
#ifdef BROKEN
    im_move_cell_swap(self, plain);
#else
    im_move_cell_swap(self, self);
    im_cell_swap(plain, plain);
#endif
}
