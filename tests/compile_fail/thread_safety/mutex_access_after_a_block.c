/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

int use(const counter *self)
{
    im_mutex_with(p, self)
    {
        if (*p > 3)
            break; /* the block, left early, ends here */
        *im_mutex_value(self) = 1;
    }
#ifdef BROKEN
    return *im_mutex_value(self);
#else
    int *p = im_mutex_lock(self); /* not twice: the block has given it back */
    int value = *p;
    im_mutex_unlock(self);
    return value;
#endif
}
