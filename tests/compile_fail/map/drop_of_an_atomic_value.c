/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_DROP_VALUE is for frozen and shared values (IM_MAP_VALUE, IM_MAP_SHARED_VALUE) */
/* and no other error */
#include <stdlib.h>

#include <intermut/traits.h>

typedef char *char_pointer;
IM_FREEZE(char_pointer);

#define IM_MAP_NAME table
#define IM_MAP_DROP_VALUE(value) free(*(value))
#define IM_MAP_KEY int
#ifdef BROKEN
#define IM_MAP_ATOMIC_VALUE char_pointer
#else
#define IM_MAP_VALUE char_pointer
#endif
#include <intermut/map.h>
