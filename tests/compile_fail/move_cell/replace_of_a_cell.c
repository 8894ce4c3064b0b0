/* SPDX-License-Identifier: MIT */
/* error: move_cell: replace needs an im_move_cell */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;
typedef im_cell(struct buffer) buffer_cell;

void use(const spare_buffer *self, const buffer_cell *plain)
{
#ifdef BROKEN
    (void)im_move_cell_replace(plain, (struct buffer){0});
#else
    (void)im_move_cell_replace(self, (struct buffer){0});
#endif
}
