/* SPDX-License-Identifier: MIT */
/* error: map: define one of IM_MAP_KEY and IM_MAP_STRING_KEY */
#define IM_MAP_NAME table
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_KEY int
#define IM_MAP_STRING_KEY
#else
#define IM_MAP_STRING_KEY
#endif
#include <intermut/map.h>
