/* SPDX-License-Identifier: MIT */
/* error: once: get needs an im_once */
#include <intermut/lazy.h>

typedef im_once(int) number;
typedef im_lazy(int) lazy_number;

#ifdef BROKEN
void use(const lazy_number *self)
#else
void use(const number *self)
#endif
{
    (void)im_once_get(self);
}
