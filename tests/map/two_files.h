/* SPDX-License-Identifier: MIT */
/* Maps of each kind of values that two files share: test_two_files.c has their functions, two_files.c only uses them. */
#ifndef TWO_FILES_H
#define TWO_FILES_H

#include <intermut/mutex.h>
#include <intermut/traits.h>

typedef struct {
    uint32_t gateway;
    uint16_t port;
} route;
IM_FREEZE(route);

#define IM_MAP_DECLARE
#define IM_MAP_NAME route_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE route
#include <intermut/map.h>

#ifdef TWO_FILES_BODIES
#define IM_MAP_IMPLEMENT
#endif
#define IM_MAP_DECLARE
#define IM_MAP_NAME hit_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

typedef im_mutex(int) account;

#ifdef TWO_FILES_BODIES
#define IM_MAP_IMPLEMENT
#endif
#define IM_MAP_DECLARE
#define IM_MAP_NAME bank
#define IM_MAP_KEY uint32_t
#define IM_MAP_SHARED_VALUE account
#include <intermut/map.h>

/* Numbers are equal that leave the same when they are divided by the context's. */
struct modulus {
    unsigned number;
};

#ifdef TWO_FILES_BODIES
#define IM_MAP_IMPLEMENT
#endif
#define IM_MAP_DECLARE
#define IM_MAP_NAME residue_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE int
#define IM_MAP_CONTEXT const struct modulus *
#define IM_MAP_HASH(query, seed, context) (((query) % (context)->number ^ (seed)) * UINT64_C(0x9e3779b97f4a7c15))
#define IM_MAP_EQ(a, b, context) ((a) % (context)->number == (b) % (context)->number)
#include <intermut/map.h>

/* The other file's half of the work; how much of what it should find was not there. */
unsigned other_file_routes(const route_map *map, uint32_t first, uint32_t count);
unsigned other_file_hits(const hit_map *map, struct im_slice word, unsigned count);
unsigned other_file_pays(const bank *map, uint32_t number, int amount);
unsigned other_file_residues(const residue_map *map, uint32_t first, uint32_t count);

#endif
