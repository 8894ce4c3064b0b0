/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with nested const-qualified data member 'im_type' */
#include <intermut/cell.h>

typedef im_cell(int) counter;
struct page {
    const char *text;
    counter hits;
};

void use(struct page *self, struct page *other)
{
#ifdef BROKEN
    *self = *other;
#else
    self->text = other->text;
#endif
}
