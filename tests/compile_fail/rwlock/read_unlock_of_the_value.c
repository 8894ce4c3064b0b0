/* SPDX-License-Identifier: MIT */
/* error: no member named 'im_kind_that_intermut_objects_have' */
/* up to 8 errors: what is no lock has none of the members that are looked for */
#include <intermut/rwlock.h>

struct text {
    char bytes[64];
};
typedef im_rwlock(struct text) shared_text;

void use(const shared_text *self)
{
    const struct text *text = im_rwlock_read(self);
    (void)text;
#ifdef BROKEN
    im_rwlock_read_unlock(text);
#else
    im_rwlock_read_unlock(self);
#endif
}
