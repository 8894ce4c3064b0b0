/* SPDX-License-Identifier: MIT */
/* error: refcell: try_with needs an im_refcell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    im_refcell_try_with(p, other) {
        (void)*p;
    }
#else
    im_refcell_try_with(p, self) {
        (void)*p;
    }
#endif
}
