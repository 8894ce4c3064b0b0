/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/reentrant.h>

typedef im_reentrant(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    im_reentrant_try_with(n, self) (void)*n;
    else (void)*im_reentrant_value(self);
#else
    im_reentrant_try_with(n, self) (void)(*n + *im_reentrant_value(self));
    else {}
#endif
}
