/* SPDX-License-Identifier: MIT */
#define _LGPL_SOURCE
#include <urcu-qsbr.h>

#define MAP_NAME "lfht (qsbr)"
#include "map_lfht.h"

#define OPERATIONS_PER_QUIESCENT_STATE 256

static inline void map_quiescent(uint64_t i)
{
    if (i % OPERATIONS_PER_QUIESCENT_STATE == 0)
        rcu_quiescent_state();
}

#include "map_rows.h"
