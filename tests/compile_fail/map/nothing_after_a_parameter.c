/* SPDX-License-Identifier: MIT */
/* case: no_type_after_key */
/* error: map: after IM_MAP_KEY comes a type */
/* and no other error */
/* case: no_type_after_value */
/* error: map: after IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE or IM_MAP_SHARED_VALUE comes a type */
/* and no other error */
/* case: no_type_after_atomic_value */
/* error: map: after IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE or IM_MAP_SHARED_VALUE comes a type */
/* and no other error */
/* case: no_flavour_after_rcu */
/* error: map: after IM_MAP_RCU comes bp, memb or qsbr */
/* and no other error */
#define IM_MAP_NAME table
#ifdef BROKEN_no_type_after_key
#define IM_MAP_KEY
#else
#define IM_MAP_KEY int
#endif
#ifdef BROKEN_no_type_after_value
#define IM_MAP_VALUE
#elif defined(BROKEN_no_type_after_atomic_value)
#define IM_MAP_ATOMIC_VALUE
#else
#define IM_MAP_VALUE int
#endif
#ifdef BROKEN_no_flavour_after_rcu
#define IM_MAP_RCU
#endif
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
