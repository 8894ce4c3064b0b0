/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_KEY is one word: uint64_t, or a typedef */
#include <stdint.h>

#define IM_MAP_NAME numbers
#ifdef BROKEN
#define IM_MAP_KEY unsigned long
#else
#define IM_MAP_KEY uint64_t
#endif
#define IM_MAP_VALUE int
#include <intermut/map.h>
