/* SPDX-License-Identifier: MIT */
/* Which huge pages of a block are made, and which are given back: the map's memory without a map. */
#include "../../map/memory.c" // NOLINT(bugprone-suspicious-include)

#include <criterion/criterion.h>

#include <string.h>

uint32_t im__map_process(void)
{
    return 1;
}

/* AddressSanitizer has no blocks. */
#if !IM_ADDRESS_SANITIZER
enum { SHARDS = 16, PAGES = 4, SLICE_BYTES = PAGES * HUGE_PAGE_BYTES / SHARDS };

static const struct im_raw_map no_tables = {.shard_mask = SHARDS - 1, .wanted_shards = SHARDS};

static void *table_new(struct im_raw_map *map, size_t bytes)
{
    void *seldom, *table = im__map_memory_new(map, bytes, 64, 64, &seldom);
    cr_assert_not_null(table);
    memset(table, 1, bytes);
    return table;
}

static void tables_new(struct im_raw_map *map, void **tables, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        tables[i] = table_new(map, SLICE_BYTES);
}

static void tables_free(struct im_raw_map *map, void **tables, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        im__map_memory_free(map, tables[i], SLICE_BYTES);
}

static void do_all_page_work(struct im_raw_map *map)
{
    while (im__map_memory_do_page_work(map))
        continue;
}

/* In the huge pages of the first block, how many pages are there. */
static size_t pages_there(const struct im_raw_map *map)
{
    static unsigned char is_there[PAGES * HUGE_PAGE_BYTES / 4096];
    size_t fine_pages = 0;
    cr_assert_eq(mincore(map->blocks->memory, (size_t)PAGES * HUGE_PAGE_BYTES, is_there), 0);
    for (size_t page = 0; page < sizeof is_there; page++)
        fine_pages += is_there[page] & 1;
    cr_assert_eq(fine_pages % (HUGE_PAGE_BYTES / 4096), 0);
    return fine_pages / (HUGE_PAGE_BYTES / 4096);
}

static bool is_in_page(const struct im_raw_map *map, const void *table)
{
    return (uintptr_t)table - (uintptr_t)map->blocks->memory < (size_t)PAGES * HUGE_PAGE_BYTES;
}

/* With three tables that came too early, three pages made, and eight tables in two of them. */
static void begin(struct im_raw_map *map, void **tables)
{
    tables_new(map, tables, 0, 3);
    cr_assert(map->page_work);
    cr_assert_not(is_in_page(map, tables[0]));
    do_all_page_work(map);
    cr_assert_eq(pages_there(map), 3, "13 tables to come fill three pages, and less than half of the fourth");
    tables_new(map, tables, 3, 11);
    cr_assert(is_in_page(map, tables[10]));
}

Test(pages, that_no_table_came_for_go_back, .timeout = 30)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin(&map, tables);
    /* The five to come have their places: so the last page is for nobody. */
    tables_free(&map, tables, 3, 10);
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), 3, "more are to come");
    tables_new(&map, tables, 3, 8);
    cr_assert(map.page_work);
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), 2);
    tables_new(&map, tables, 8, 10);
    tables_new(&map, tables, 11, 12);
    for (size_t i = 0; i < 12; i++)
        cr_assert_eq(*(unsigned char *)tables[i], 1, "table %zu is as it was", i);
    cr_assert_not(is_in_page(&map, tables[11]), "no table waits for a huge page again");
    cr_assert_eq(pages_there(&map), 2);
    cr_assert_not(map.page_work);
    tables_free(&map, tables, 0, 12);
    cr_assert_null(map.blocks);
}

Test(pages, of_a_block_that_the_map_leaves_stay_until_it_has_left, .timeout = 30)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *larger;
    begin(&map, tables);
    larger = table_new(&map, 2 * (size_t)SLICE_BYTES);
    tables_free(&map, tables, 6, 11);
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), 3);
    tables_free(&map, tables, 1, 6);
    cr_assert_eq(pages_there(&map), 0, "one table is left");
    tables_free(&map, tables, 0, 1);
    im__map_memory_free(&map, larger, 2 * (size_t)SLICE_BYTES);
    im__map_memory_expect_none(&map);
    cr_assert_null(map.blocks);
}
#endif
