/* SPDX-License-Identifier: MIT */
/* error gcc: initialization discards 'const' qualifier */
/* error clang: discards qualifiers */
#include <intermut/once.h>

typedef im_once(int) number;

int use(const number *self)
{
#ifdef BROKEN
    int *value = im_once_get(self);
    return *value;
#else
    const int *value = im_once_get(self);
    return *value;
#endif
}
