/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_VALUE is one word: uint64_t, or a typedef */
#include <stdint.h>

#define IM_MAP_NAME numbers
#ifdef BROKEN
#define IM_MAP_VALUE unsigned long
#else
#define IM_MAP_VALUE uint64_t
#endif
#define IM_MAP_KEY int
#include <intermut/map.h>
