/* SPDX-License-Identifier: MIT */
/* error: lazy: try_destroy needs an exclusive (non-const) pointer */
#include <intermut/lazy.h>

typedef im_lazy(int) number;
void drop(int *value);

#ifdef BROKEN
void use(const number *self)
#else
void use(number *self)
#endif
{
    (void)im_lazy_try_destroy(self, drop);
}
