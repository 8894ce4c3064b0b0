/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*value' */
/* error clang: read-only variable is not assignable */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;

int use(const number *self)
{
    im_reentrant_with(value, self)
    {
#ifdef BROKEN
        *value = 3;
#else
        return *value;
#endif
    }
    return 0;
}
