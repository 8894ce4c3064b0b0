/* SPDX-License-Identifier: MIT */
#define _LGPL_SOURCE
#include <urcu-bp.h>

#define MAP_NAME "lfht (bp)"
#include "map_lfht.h"

/* Threads register themselves. */
static inline void map_quiescent(uint64_t i)
{
    (void)i;
}

#include "map_rows.h"
