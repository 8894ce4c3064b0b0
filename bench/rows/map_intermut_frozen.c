/* SPDX-License-Identifier: MIT */
/* Values that never change, only get replaced: an update goes through the map's writer. */
#include "bench.h"
#include "map_any_thread.h"

#define MAP_NAME "intermut, frozen values"
#define IM_MAP_VALUE uint64_t
#include "map_intermut.h"

static inline void map_update(struct map_adapter *adapter, uint64_t key, uint64_t value)
{
    require(u64_map_replace(&adapter->map, key, value, NULL));
}

#include "map_rows.h"
