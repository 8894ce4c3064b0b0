/* SPDX-License-Identifier: MIT */
/* error: no member named 'im_kind_that_intermut_objects_have' */
#include <intermut/refcell.h>

struct text {
    char bytes[64];
};
typedef im_refcell(struct text) shared_text;

void use(const shared_text *self)
{
    const struct text *text = im_refcell_borrow(self);
    (void)text;
#ifdef BROKEN
    im_refcell_release(text);
#else
    im_refcell_release(self);
#endif
}
