/* SPDX-License-Identifier: MIT */
/* Maps that a checked and a plain object share: test_checked.c and plain_half.c. */
#ifndef PLAIN_HALF_H
#define PLAIN_HALF_H

#include <intermut/traits.h>

/* Of this one the plain object has the functions. */
#define IM_MAP_NAME plain_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_DECLARE
#include <intermut/map.h>

#define IM_MAP_NAME shared_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

/* Its values change in place. */
#define IM_MAP_NAME counter_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

int plain_insert(const shared_map *map, int key, int value);
int plain_remove(const shared_map *map, int key);
int plain_synchronize(const shared_map *map);
/* In a section of plain code, which is left by plain_leave(). */
const int *plain_find(const shared_map *map, int key);
void plain_leave(const shared_map *map);

/* The same for counters. */
const counter_map_value *plain_count_find(const counter_map *map, int key);
void plain_count_leave(const counter_map *map);
/* In a section of the caller's. */
const counter_map_value *plain_count_look(const counter_map *map, int key);

#endif
