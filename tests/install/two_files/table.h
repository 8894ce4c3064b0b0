/* SPDX-License-Identifier: MIT */
/* A map of two files, as map.h shows it. */
#ifndef TABLE_H
#define TABLE_H

#include <stdint.h>

#ifndef VALUE
#define VALUE int32_t
#endif

#define IM_MAP_NAME table
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE VALUE
#define IM_MAP_DECLARE
#include <intermut/map.h>

#endif
