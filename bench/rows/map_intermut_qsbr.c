/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <intermut/rcu_qsbr.h>

#define OPERATIONS_PER_QUIESCENT_STATE 256

static inline void map_enter(void)
{
    urcu_qsbr_register_thread();
}

static inline void map_leave(void)
{
    urcu_qsbr_unregister_thread();
}

static inline void map_quiescent(uint64_t i)
{
    if (i % OPERATIONS_PER_QUIESCENT_STATE == 0)
        urcu_qsbr_quiescent_state();
}

#define MAP_NAME "intermut, qsbr"
#define IM_MAP_RCU qsbr
#define IM_MAP_ATOMIC_VALUE uint64_t
#include "map_intermut.h"
#include "map_intermut_update.h"

#include "map_rows.h"
