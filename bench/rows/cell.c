/* SPDX-License-Identifier: MIT */
/* Cells against plain memory: the claim is that there is no difference. */
#include "value_loop.h"

#include <intermut/cell.h>

struct record {
    uint64_t word[8];
};

#define PLAIN_GET(object) (*(object))
#define PLAIN_SET(object, value) (*(object) = (value))
#define PLAIN_REPLACE(object, value)       \
    ({                                     \
        __typeof__(value) was = *(object); \
        *(object) = (value);               \
        was;                               \
    })

#define CELL_ROWS(size, name, tag, T, Object, keep, get, set, replace)                                      \
    VALUE_BENCH("cell/get/" size, name, tag##_get, T, Object, keep, value = get(object))                    \
    VALUE_BENCH("cell/set/" size, name, tag##_set, T, Object, keep, set(object, value))                     \
    VALUE_BENCH("cell/replace/" size, name, tag##_replace, T, Object, keep, value = replace(object, value)) \
    SIZE_BENCH("cell/bytes/" size, name, tag##_bytes, Object)

#define PLAIN_ROWS(size, tag, T, keep) \
    CELL_ROWS(size, "plain memory", tag, T, T, keep, PLAIN_GET, PLAIN_SET, PLAIN_REPLACE)
#define INTERMUT_ROWS(size, tag, T, Cell, keep) \
    CELL_ROWS(size, "intermut", tag, T, Cell, keep, im_cell_get, im_cell_set, im_cell_replace)

typedef im_cell(uint64_t) u64_cell;
typedef im_cell(struct record) record_cell;

PLAIN_ROWS("8B", plain_u64, uint64_t, VALUE_IN_REGISTER)
PLAIN_ROWS("64B", plain_record, struct record, VALUE_IN_MEMORY)
INTERMUT_ROWS("8B", cell_u64, uint64_t, const u64_cell, VALUE_IN_REGISTER)
INTERMUT_ROWS("64B", cell_record, struct record, const record_cell, VALUE_IN_MEMORY)
