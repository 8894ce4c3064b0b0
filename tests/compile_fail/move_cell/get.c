/* SPDX-License-Identifier: MIT */
/* error: move_cell: T is not Copy, so there is no get: use replace or take */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;

void use(const spare_buffer *self)
{
#ifdef BROKEN
    (void)im_move_cell_get(self);
#else
    (void)im_move_cell_take(self);
#endif
}
