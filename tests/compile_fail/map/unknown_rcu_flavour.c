/* SPDX-License-Identifier: MIT */
/* error: intermut/rcu_ebr.h */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_RCU ebr
#else
#define IM_MAP_RCU memb
#endif
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
