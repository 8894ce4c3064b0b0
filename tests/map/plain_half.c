/* SPDX-License-Identifier: MIT */
/* The plain object of a program whose other object is checked. */
#undef IM_CHECKED
#define IM_CHECKED 0
#define IM_MAP_IMPLEMENT
#include "plain_half.h"

int plain_insert(const shared_map *map, int key, int value)
{
    return shared_map_insert(map, key, value);
}

int plain_remove(const shared_map *map, int key)
{
    return shared_map_remove(map, key, NULL);
}

int plain_synchronize(const shared_map *map)
{
    return shared_map_synchronize(map);
}

const int *plain_find(const shared_map *map, int key)
{
    shared_map_read_lock(map);
    return shared_map_find(map, key);
}

void plain_leave(const shared_map *map)
{
    shared_map_read_unlock(map);
}

const counter_map_value *plain_count_look(const counter_map *map, int key)
{
    return counter_map_find(map, key);
}

const counter_map_value *plain_count_find(const counter_map *map, int key)
{
    counter_map_read_lock(map);
    return counter_map_find(map, key);
}

void plain_count_leave(const counter_map *map)
{
    counter_map_read_unlock(map);
}
