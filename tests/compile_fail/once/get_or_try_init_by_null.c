/* SPDX-License-Identifier: MIT */
/* error: once: get_or_try_init calls an int init(T *out, void *argument) */
#include <intermut/once.h>

typedef im_once(int) number;
int init(int *out, void *argument);

#ifdef BROKEN
#define INIT NULL
#else
#define INIT init
#endif

void use(const number *self)
{
    const int *at;
    (void)im_once_get_or_try_init(self, INIT, NULL, &at);
}
