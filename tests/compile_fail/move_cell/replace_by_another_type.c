/* SPDX-License-Identifier: MIT */
/* error gcc: invalid initializer */
/* error clang: with an expression of incompatible type 'char *' */
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
};
typedef im_move_cell(struct buffer) spare_buffer;

void use(const spare_buffer *self, char *bytes)
{
#ifdef BROKEN
    (void)im_move_cell_replace(self, bytes);
#else
    (void)im_move_cell_replace(self, (struct buffer){bytes});
#endif
}
