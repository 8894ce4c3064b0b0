/* SPDX-License-Identifier: MIT */
/* An epoch section per lookup: a thread holds up nobody's memory between its lookups. */
#define MAP_NAME "ck_ht (epoch per lookup)"
#include "map_ck_ht.h"

static void map_enter(void)
{
    thread_enter();
}

static void map_leave(void)
{
    thread_leave();
}

static inline bool map_get(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    ck_epoch_begin(self, NULL);
    bool found = look_up_in_section(map, key, value);
    ck_epoch_end(self, NULL);
    return found;
}

static inline void map_quiescent(uint64_t i)
{
    (void)i;
    reclaim();
}

#include "map_rows.h"
