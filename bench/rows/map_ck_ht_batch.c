/* SPDX-License-Identifier: MIT */
/* An epoch section around many operations, as the RCU flavour qsbr has it. */
#define MAP_NAME "ck_ht (epoch per 256)"
#include "map_ck_ht.h"

#define OPERATIONS_PER_SECTION 256

static void map_enter(void)
{
    thread_enter();
    ck_epoch_begin(self, NULL);
}

static void map_leave(void)
{
    ck_epoch_end(self, NULL);
    thread_leave();
}

static inline bool map_get(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    return look_up_in_section(map, key, value);
}

static inline void map_quiescent(uint64_t i)
{
    if (i % OPERATIONS_PER_SECTION != 0)
        return;
    ck_epoch_end(self, NULL);
    reclaim();
    ck_epoch_begin(self, NULL);
}

#include "map_rows.h"
