/* SPDX-License-Identifier: MIT */
/* error: move_cell: T is not Copy, so there is no set: use replace, which gives the old value back */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;

void use(const spare_buffer *self, struct buffer mine)
{
#ifdef BROKEN
    im_move_cell_set(self, mine);
#else
    (void)im_move_cell_replace(self, mine);
#endif
}
