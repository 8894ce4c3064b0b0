/* SPDX-License-Identifier: MIT */
#include <intermut/once.h>

typedef im_once(int) number;
typedef im_unsync_once(int) unsync_number;

/* case: wait_for_of_an_unsync_once */
/* error: once: wait_for needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_for_of_an_unsync_once
void use_wait_for_of_an_unsync_once(const unsync_number *self)
#else
void use_wait_for_of_an_unsync_once(const number *self)
#endif
{
    const int *at;
    (void)im_once_wait_for(self, 1, &at);
}

/* case: wait_of_an_unsync_once */
/* error: once: wait needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_of_an_unsync_once
void use_wait_of_an_unsync_once(const unsync_number *self)
#else
void use_wait_of_an_unsync_once(const number *self)
#endif
{
    (void)im_once_wait(self);
}

/* case: wait_until_of_an_unsync_once */
/* error: once: wait_until needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_until_of_an_unsync_once
void use_wait_until_of_an_unsync_once(const unsync_number *self)
#else
void use_wait_until_of_an_unsync_once(const number *self)
#endif
{
    const int *at;
    (void)im_once_wait_until(self, 1, &at);
}
