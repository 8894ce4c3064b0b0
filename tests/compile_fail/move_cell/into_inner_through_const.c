/* SPDX-License-Identifier: MIT */
/* error: move_cell: into_inner needs an exclusive (non-const) pointer */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;

#ifdef BROKEN
struct buffer use(const spare_buffer *self)
#else
struct buffer use(spare_buffer *self)
#endif
{
    return im_move_cell_into_inner(self);
}
