/* SPDX-License-Identifier: MIT */
/* The two ways to compare sixteen control bytes (SSE2, portable words) against a byte by byte reference. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include <intermut/map_group.h>

static const uint8_t interesting[] = {0, 1, 2, 63, 64, 126, 127, IM_MAP_EMPTY, IM_MAP_DELETED, IM_MAP_RETIRED};

static struct im_map_group group_of(const uint8_t bytes[16])
{
    uint64_t words[2];
    memcpy(words, bytes, sizeof words);
    return im_map_group_load(words);
}

static void fill(uint8_t bytes[16])
{
    for (int i = 0; i < 16; i++)
        bytes[i] = interesting[(size_t)rand() % sizeof interesting];
}

Test(groups, match_finds_every_equal_byte)
{
    for (int round = 0; round < 100000; round++) {
        uint8_t bytes[16], wanted = interesting[rand() % 7];
        fill(bytes);
        unsigned match = im_map_group_match(group_of(bytes), wanted);
        for (int i = 0; i < 16; i++) {
            bool set = match >> i & 1;
            if (bytes[i] == wanted)
                cr_assert(set, "byte %d is missed", i);
            else if (set) /* allowed for the portable form, on slots in use that differ in the lowest bit */
                cr_assert(!IM_MAP_SSE2_GROUPS && (bytes[i] ^ 1) == wanted);
        }
    }
}

Test(groups, empty_is_told_from_every_other_mark)
{
    for (int round = 0; round < 100000; round++) {
        uint8_t bytes[16];
        fill(bytes);
        unsigned match = im_map_group_match_empty(group_of(bytes));
        for (int i = 0; i < 16; i++)
            cr_assert_eq(match >> i & 1, bytes[i] == IM_MAP_EMPTY);
    }
}

Test(groups, free_is_empty_or_deleted)
{
    for (int round = 0; round < 100000; round++) {
        uint8_t bytes[16];
        fill(bytes);
        unsigned match = im_map_group_match_free(group_of(bytes));
        for (int i = 0; i < 16; i++)
            cr_assert_eq(match >> i & 1, bytes[i] == IM_MAP_EMPTY || bytes[i] == IM_MAP_DELETED);
    }
}

Test(groups, every_single_byte_value)
{
    for (unsigned value = 0; value < 256; value++) {
        uint8_t bytes[16];
        memset(bytes, (int)value, sizeof bytes);
        if (value < IM_MAP_DELETED)
            cr_assert_eq(im_map_group_match(group_of(bytes), (uint8_t)value), 0xffff);
        if (value < IM_MAP_DELETED || value == IM_MAP_DELETED || value == IM_MAP_RETIRED)
            cr_assert_eq(im_map_group_match_empty(group_of(bytes)), 0);
    }
}
