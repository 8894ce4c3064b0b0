/* SPDX-License-Identifier: MIT */
/* error: map: define IM_MAP_NAME, too */
/* and no other error */
#ifndef BROKEN
#define IM_MAP_NAME table
#endif
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

/* The parameters are undefined again, whatever was wrong with them. */
#define IM_MAP_NAME other
#define IM_MAP_KEY long
#define IM_MAP_VALUE char
#include <intermut/map.h>
