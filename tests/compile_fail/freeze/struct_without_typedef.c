/* SPDX-License-Identifier: MIT */
/* error: Freeze: T is one word: give the type a name by a typedef, and declare that */
#include <intermut/traits.h>

struct route {
    unsigned gateway;
};
typedef struct route route;

#ifdef BROKEN
IM_FREEZE(struct route);
#else
IM_FREEZE(route);
#endif
