/* SPDX-License-Identifier: MIT */
/* What im_rwlock refuses. */
#include <intermut/rwlock.h>

void im_rwlock_refuse(const void *raw, const struct im_place *place, const char *operation, const char *why)
{
    enum { LISTED = 8 };
    struct im_lock_hold holds[LISTED];
    struct im_panic_line lines[LISTED];
    size_t holders = im_lock_holders(raw, holds, LISTED), listed = holders < LISTED ? holders : LISTED;
    for (size_t i = 0; i < listed; i++)
        lines[i] = (struct im_panic_line){i == 0 ? "held:" : "", holds[i].place->site, holds[i].thread};
    /* The operand without the `&` that every call has. */
    const char *name = place->expression + (place->expression[0] == '&');
    im_panic_with(place->site, lines, listed, holders, "cannot %s `%s`: %s", operation, name, why);
}
