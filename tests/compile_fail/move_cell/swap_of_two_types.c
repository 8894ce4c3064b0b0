/* SPDX-License-Identifier: MIT */
/* error: move_cell: swap needs two move cells of one type */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;
typedef im_move_cell(char *) spare_text;

#ifdef BROKEN
void use(const spare_buffer *self, const spare_text *other)
#else
void use(const spare_buffer *self, const spare_buffer *other)
#endif
{
    im_move_cell_swap(self, other);
}
