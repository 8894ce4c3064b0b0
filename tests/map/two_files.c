/* SPDX-License-Identifier: MIT */
/* The file that declares its maps only: all that it calls is in test_two_files.c. */
#include "two_files.h"

unsigned other_file_routes(const route_map *map, uint32_t first, uint32_t count)
{
    unsigned missing = 0;
    for (uint32_t network = first; network < first + count; network++) {
        missing += route_map_insert(map, network, (route){network, 1}) != EEXIST;
        missing += route_map_insert(map, network + count, (route){network + count, 1}) != 0;
        route found = {0, 0};
        missing += route_map_get(map, network + count, &found) != 0 || found.gateway != network + count;
        im_map_with(route_map, r, map, network)
            missing += r->gateway != network;
        else
            missing++;
    }
    route_map_maybe many[2];
    missing += route_map_get_many(map, (const uint32_t[]){first, first + count}, 2, many) != 2;
    size_t walked = 0;
    route_map_cursor at = route_map_cursor_open(map);
    while (route_map_cursor_next(&at))
        walked++;
    route_map_cursor_close(&at);
    return missing + (walked != route_map_len(map)) + (route_map_stats(map).length != walked);
}

unsigned other_file_hits(const hit_map *map, struct im_slice word, unsigned count)
{
    unsigned missing = 0;
    for (unsigned i = 0; i < count; i++) {
        im_map_with_or_insert(hit_map, n, map, word, 0)
            im_atomic_fetch_add(n, 1);
        else
            missing++;
    }
    return missing;
}

unsigned other_file_pays(const bank *map, uint32_t number, int amount)
{
    im_map_with(bank, shared, map, number) {
        im_mutex_with(balance, shared) *balance += amount;
        return 0;
    }
    return 1;
}

unsigned other_file_residues(const residue_map *map, uint32_t first, uint32_t count)
{
    unsigned missing = 0;
    for (uint32_t number = first; number < first + count; number++) {
        missing += !residue_map_contains(map, number);
        missing += residue_map_insert(map, number, 0) != EEXIST;
    }
    return missing;
}
