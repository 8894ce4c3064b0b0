/* SPDX-License-Identifier: MIT */
/* error: lazy: destroy calls a void drop(T *value) */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
void drop(long *value);
#else
void drop(int *value);
#endif

void use(number *self)
{
    (void)im_lazy_destroy(self, drop);
}
