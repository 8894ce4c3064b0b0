/* SPDX-License-Identifier: MIT */
/* error: no member named 'im_kind_that_intermut_objects_have' */
#include <intermut/mutex.h>

struct text {
    char bytes[64];
};
typedef im_mutex(struct text) shared_text;

void use(const shared_text *self)
{
    struct text *text = im_mutex_lock(self);
    (void)text;
#ifdef BROKEN
    im_mutex_unlock(text);
#else
    im_mutex_unlock(self);
#endif
}
