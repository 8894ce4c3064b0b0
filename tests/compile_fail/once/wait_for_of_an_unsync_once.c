/* SPDX-License-Identifier: MIT */
/* error: once: wait_for needs an im_once: nobody else could fill an im_unsync_once */
#include <intermut/once.h>

typedef im_once(int) number;
typedef im_unsync_once(int) unsync_number;

#ifdef BROKEN
void use(const unsync_number *self)
#else
void use(const number *self)
#endif
{
    const int *at;
    (void)im_once_wait_for(self, 1, &at);
}
