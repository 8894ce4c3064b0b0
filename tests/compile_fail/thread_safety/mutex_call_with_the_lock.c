/* SPDX-License-Identifier: MIT */
/* error clang: cannot call function 'reset' while */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

static void reset(const counter *self) IM_EXCLUDES_LOCK(self);
static void reset(const counter *self)
{
    im_mutex_with(p, self) *p = 0;
}

void use(const counter *self)
{
#ifdef BROKEN
    im_mutex_with(p, self) reset(self);
#else
    im_mutex_with(p, self) *p += 1;
    reset(self);
#endif
}
