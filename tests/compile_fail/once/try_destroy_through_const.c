/* SPDX-License-Identifier: MIT */
/* error: once: try_destroy needs an exclusive (non-const) pointer */
#include <intermut/once.h>

typedef im_once(int) number;
void drop(int *value);

#ifdef BROKEN
void use(const number *self)
#else
void use(number *self)
#endif
{
    (void)im_once_try_destroy(self, drop);
}
