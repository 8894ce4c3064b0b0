/* SPDX-License-Identifier: MIT */
/* error: lazy: get needs an im_lazy */
#include <intermut/lazy.h>

typedef im_once(int) number;
typedef im_lazy(int) lazy_number;

#ifdef BROKEN
void use(const number *self)
#else
void use(const lazy_number *self)
#endif
{
    (void)im_lazy_get(self);
}
