/* SPDX-License-Identifier: MIT */
/* error: once: destroy calls a void drop(T *value) */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
void drop(long *value);
#else
void drop(int *value);
#endif

void use(number *self)
{
    (void)im_once_destroy(self, drop);
}
