/* SPDX-License-Identifier: MIT */
/* error: intermut/rcu_ebr.h */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_RCU ebr
#else
#define IM_MAP_RCU memb
#endif
#include <intermut/map.h>
