/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "map_any_thread.h"

#define MAP_NAME "intermut"
#define IM_MAP_ATOMIC_VALUE uint64_t
#include "map_intermut.h"
#include "map_intermut_update.h"

#include "map_rows.h"

BENCH("map/many/1M", "intermut, one by one", hit, open_filled, close_and_free)
