/* SPDX-License-Identifier: MIT */
/* Which huge pages of a block are made, what is given back, and what lies where: the map's memory without a map. */
#include <stddef.h>
#include <sys/mman.h>

/* What shall have no huge pages. */
static struct {
    unsigned char *begin;
    size_t bytes;
} never_huge;

/* What is done when memory is about to go back; it may be NULL. */
static void (*when_given_back)(void);

static int advise(void *memory, size_t bytes, int advice)
{
    if (advice == MADV_DONTNEED && when_given_back)
        when_given_back();
    if (advice == MADV_NOHUGEPAGE) {
        never_huge.begin = memory;
        never_huge.bytes = bytes;
    }
    return madvise(memory, bytes, advice);
}

#define madvise advise
#include "../../map/memory.c" // NOLINT(bugprone-suspicious-include)
#undef madvise

#include <criterion/criterion.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t process = 1;

uint32_t im__map_process(void)
{
    return process;
}

static bool shards_grow;

bool im__map_grows(const struct im_raw_map *map)
{
    (void)map;
    return shards_grow;
}

/* AddressSanitizer has no blocks. */
#if !IM_ADDRESS_SANITIZER
enum { SHARDS = 16, PAGES = 4, SLICE_BYTES = PAGES * HUGE_PAGE_BYTES / SHARDS, FINE_PAGES = HUGE_PAGE_BYTES / 4096 };

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

/* In the huge pages of the first block, how many fine ones are there. */
static size_t fine_pages_there(const struct im_raw_map *map)
{
    static unsigned char is_there[PAGES * FINE_PAGES];
    size_t fine_pages = 0;
    cr_assert_eq(mincore(map->blocks->memory, (size_t)PAGES * HUGE_PAGE_BYTES, is_there), 0);
    for (size_t page = 0; page < sizeof is_there; page++)
        fine_pages += is_there[page] & 1;
    return fine_pages;
}

static size_t pages_there(const struct im_raw_map *map)
{
    cr_assert_eq(fine_pages_there(map) % FINE_PAGES, 0);
    return fine_pages_there(map) / FINE_PAGES;
}

static bool is_in_page(const struct im_raw_map *map, const void *table)
{
    return (uintptr_t)table - (uintptr_t)map->blocks->memory < (size_t)PAGES * HUGE_PAGE_BYTES;
}

/* With three tables that came too early, three pages made, and eight tables in two of them. */
static void begin(struct im_raw_map *map, void **tables)
{
    shards_grow = true;
    tables_new(map, tables, 0, 3);
    cr_assert(map->page_work);
    cr_assert_not(is_in_page(map, tables[0]));
    do_all_page_work(map);
    cr_assert_eq(pages_there(map), 3, "13 tables to come fill three pages, and less than half of the fourth");
    tables_new(map, tables, 3, 11);
    cr_assert(is_in_page(map, tables[10]));
}

Test(pages, that_no_table_came_for_go_back)
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
    cr_assert_geq((unsigned char *)tables[11], never_huge.begin, "no table waits for a huge page again");
    cr_assert_eq(fine_pages_there(&map), 2 * FINE_PAGES + FINE_PAGES / 4);
    do_all_page_work(&map);
    cr_assert_not(map.page_work);
    tables_free(&map, tables, 0, 12);
    cr_assert_null(map.blocks);
}

Test(pages, of_a_block_that_the_map_leaves_stay_until_it_has_left)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *larger;
    begin(&map, tables);
    larger = table_new(&map, 2 * (size_t)SLICE_BYTES);
    tables_free(&map, tables, 6, 11);
    shards_grow = false;
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), 3);
    tables_free(&map, tables, 1, 6);
    cr_assert_eq(pages_there(&map), 0, "one table is left");
    tables_free(&map, tables, 0, 1);
    im__map_memory_free(&map, larger, 2 * (size_t)SLICE_BYTES);
    im__map_memory_expect_none(&map);
    cr_assert_null(map.blocks);
}

/* The tables that come while somebody works on pages. */
static struct {
    struct im_raw_map *map;
    void **tables;
} meanwhile;

static void last_comes_meanwhile(void)
{
    when_given_back = NULL;
    tables_new(meanwhile.map, meanwhile.tables, SHARDS - 1, SHARDS);
}

Test(pages, that_some_tables_came_for_go_back_beyond_them)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin(&map, tables);
    tables_free(&map, tables, 10, 11);
    tables_free(&map, tables, 4, 9);
    tables_new(&map, tables, 4, 9);
    cr_assert(is_in_page(&map, tables[8]), "it has a place of before, as all to come");
    meanwhile.map = &map;
    meanwhile.tables = tables;
    when_given_back = last_comes_meanwhile;
    do_all_page_work(&map);
    cr_assert_not(is_in_page(&map, tables[SHARDS - 1]));
    cr_assert_eq(*(unsigned char *)tables[SHARDS - 1], 1, "it is not what goes");
    cr_assert_eq(fine_pages_there(&map), 7 * FINE_PAGES / 4, "seven tables, of which four fill a page");
    cr_assert_eq(never_huge.begin, map.blocks->memory + HUGE_PAGE_BYTES,
                 "the second page shall not be made whole again");
    cr_assert_eq(never_huge.bytes, (PAGES - 1) * (size_t)HUGE_PAGE_BYTES);
    for (size_t i = 0; i < 10; i++)
        cr_assert_eq(*(unsigned char *)tables[i], 1, "table %zu is as it was", i);
    tables_new(&map, tables, 10, 11);
    cr_assert_geq((unsigned char *)tables[10], never_huge.begin, "in small pages");
    tables_free(&map, tables, 0, 11);
    tables_free(&map, tables, SHARDS - 1, SHARDS);
    cr_assert_null(map.blocks);
}

/* By him who makes a page, when he stores to it first. */
static void come_meanwhile(int signal)
{
    (void)signal;
    cr_assert_eq(mprotect(meanwhile.map->blocks->memory, (size_t)PAGES * HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
    tables_new(meanwhile.map, meanwhile.tables, 1, SHARDS + 1);
}

Test(pages, that_the_last_tables_did_not_wait_for_go_back)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS + 1];
    struct sigaction action = {.sa_handler = come_meanwhile};
    meanwhile.map = &map;
    meanwhile.tables = tables;
    cr_assert_eq(sigaction(SIGSEGV, &action, NULL), 0);
    tables_new(&map, tables, 0, 1);
    cr_assert(map.page_work);
    cr_assert_eq(mprotect(map.blocks->memory, (size_t)PAGES * HUGE_PAGE_BYTES, PROT_NONE), 0);
    do_all_page_work(&map);
    cr_assert_eq(map.blocks->to_come, 0, "all have come");
    cr_assert_eq(pages_there(&map), 0);
    cr_assert_null(block_of(&map, tables[SHARDS]), "who makes a page may go on to the next one");
    tables_free(&map, tables, 0, SHARDS + 1);
    cr_assert_null(map.blocks);
}

Test(pages, that_more_tables_had_than_stay_go_back_when_no_shard_grows)
{
    enum { TWICE = 5 };
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *others[TWICE];
    im__map_memory_reserve(&map, SLICE_BYTES, 64, 64);
    tables_new(&map, others, 0, TWICE);
    tables_new(&map, tables, 0, SHARDS);
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), PAGES);
    shards_grow = true;
    for (size_t i = 0; i < TWICE; i++) {
        tables_free(&map, others, i, i + 1);
        cr_assert_eq(map.page_work, i >= SPARE_MIN, "%zu tables are left", i + 1);
    }
    do_all_page_work(&map);
    cr_assert_eq(pages_there(&map), PAGES);
    cr_assert(map.page_work, "to be asked again");
    shards_grow = false;
    tables_free(&map, tables, SHARDS - 1, SHARDS);
    meanwhile.map = &map;
    meanwhile.tables = tables;
    when_given_back = last_comes_meanwhile;
    do_all_page_work(&map);
    cr_assert_eq(fine_pages_there(&map), PAGES * FINE_PAGES - TWICE * FINE_PAGES / 4);
    cr_assert_eq(never_huge.begin, map.blocks->memory);
    cr_assert_eq(never_huge.bytes, 2 * HUGE_PAGE_BYTES, "what is used of the second page shall not bring it back");
    cr_assert_not(map.page_work);
    for (size_t i = 0; i < SHARDS; i++)
        cr_assert_eq(*(unsigned char *)tables[i], 1, "table %zu is as it was", i);
    tables_new(&map, others, 0, 1);
    cr_assert_eq(others[0], map.blocks->memory, "its address is used again");
    tables_free(&map, others, 0, 1);
    cr_assert_not(map.page_work);
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

/* Two tables of a size for some shards; the first ones have gone, and the last page is used by one. */
static void begin_with_free_slices(struct im_raw_map *map, void **tables)
{
    void *others[2];
    im__map_memory_reserve(map, SLICE_BYTES, 64, 64);
    tables_new(map, tables, 0, SHARDS - 3);
    tables_new(map, others, 0, 2);
    tables_new(map, tables, SHARDS - 3, SHARDS);
    tables_free(map, others, 0, 2);
    cr_assert_not(is_in_page(map, tables[SHARDS - 1]));
}

Test(pages, that_go_back_again_are_for_nobody_meanwhile)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin_with_free_slices(&map, tables);
    do_all_page_work(&map);
    cr_assert_eq(fine_pages_there(&map), (SHARDS - 2) * FINE_PAGES / 4);
    tables_free(&map, tables, SHARDS - 3, SHARDS - 2);
    cr_assert_not(map.page_work, "one is left");
    tables_free(&map, tables, SHARDS - 1, SHARDS);
    meanwhile.map = &map;
    meanwhile.tables = tables;
    when_given_back = last_comes_meanwhile;
    im__map_memory_give_back(&map);
    cr_assert_null(when_given_back);
    cr_assert_not(is_in_page(&map, tables[SHARDS - 1]));
    for (size_t i = 0; i < SHARDS; i++)
        cr_assert(i == SHARDS - 3 || *(unsigned char *)tables[i] == 1, "table %zu is as it was", i);
    cr_assert_eq(fine_pages_there(&map), (SHARDS - 3) * FINE_PAGES / 4);
    tables_new(&map, tables, SHARDS - 3, SHARDS - 2);
    cr_assert(is_in_page(&map, tables[SHARDS - 3]), "it has gone");
    im__map_memory_expect_none(&map);
    cr_assert_not(map.page_work, "it waits for no page");
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

Test(pages, that_are_left_are_found_when_the_last_table_comes)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    im__map_memory_reserve(&map, SLICE_BYTES, 64, 64);
    tables_new(&map, tables, 0, SHARDS - 1);
    tables_free(&map, tables, 0, 3);
    cr_assert_not(map.page_work);
    tables_new(&map, tables, 0, 1);
    cr_assert(map.page_work);
    do_all_page_work(&map);
    cr_assert_eq(fine_pages_there(&map), (SHARDS - 3) * FINE_PAGES / 4);
    tables_free(&map, tables, 0, 1);
    tables_free(&map, tables, 3, SHARDS - 1);
    cr_assert_null(map.blocks);
}

Test(pages, of_one_table_go_back_to_who_asks_for_it)
{
    struct im_raw_map map = {.shard_mask = 1, .wanted_shards = 2};
    void *tables[3];
    tables_new(&map, tables, 0, 3);
    tables_free(&map, tables, 0, 1);
    do_all_page_work(&map);
    im__map_memory_give_back(&map);
    cr_assert_eq(tables[0], map.blocks->memory);
    cr_assert_neq(*(unsigned char *)tables[1], 0);
    unsigned char is_there;
    cr_assert_eq(mincore(tables[0], 1, &is_there), 0);
    cr_assert_eq(is_there & 1, 0);
    tables_free(&map, tables, 1, 3);
    cr_assert_null(map.blocks);
}

/* In the child of a fork, which nobody gives memory back in. */
static bool goes_on(struct im_raw_map *map, void **tables)
{
    void *table, *seldom;
    process += 2;
    table = im__map_memory_new(map, SLICE_BYTES, 64, 64, &seldom);
    if (!is_in_page(map, table))
        return false;
    im__map_memory_free(map, table, SLICE_BYTES);
    im__map_memory_give_back(map);
    tables_free(map, tables, 0, SHARDS);
    return !map->blocks;
}

static int status_of_child;

static void fork_meanwhile(void)
{
    const pid_t child = fork();
    when_given_back = NULL;
    if (child == 0)
        _exit(goes_on(meanwhile.map, meanwhile.tables) ? 0 : 3);
    cr_assert_eq(waitpid(child, &status_of_child, 0), child);
}

Test(pages, that_go_back_during_a_fork_are_used_by_the_child)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin_with_free_slices(&map, tables);
    meanwhile.map = &map;
    meanwhile.tables = tables;
    when_given_back = fork_meanwhile;
    status_of_child = -1;
    do_all_page_work(&map);
    cr_assert_eq(status_of_child, 0, "status %x", (unsigned)status_of_child);
    cr_assert_eq(fine_pages_there(&map), (SHARDS - 2) * FINE_PAGES / 4);
    /* Beyond the last table in them. */
    tables_free(&map, tables, SHARDS - 3, SHARDS - 2);
    tables_new(&map, tables, SHARDS - 3, SHARDS - 2);
    when_given_back = fork_meanwhile;
    status_of_child = -1;
    im__map_memory_give_back(&map);
    cr_assert_eq(status_of_child, 0, "status %x", (unsigned)status_of_child);
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

/* Of tables that are used later: so nobody waits for the pages of their places. */
static void places_new(struct im_raw_map *map, void **tables, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        void *seldom;
        tables[i] = im__map_memory_new_unready(map, SLICE_BYTES, 64, 64, &seldom);
        cr_assert_not_null(tables[i]);
        cr_assert_eq(im__map_memory_seldom_of(map, tables[i], SLICE_BYTES), seldom);
    }
}

static void begin_with_a_place(struct im_raw_map *map, void **tables)
{
    places_new(map, tables, 0, 1);
    cr_assert(is_in_page(map, tables[0]));
    cr_assert(map->page_work);
    cr_assert_eq(pages_there(map), 0);
}

Test(pages, are_made_for_tables_that_wait_for_them)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin_with_a_place(&map, tables);
    memset(tables[0], 1, SLICE_BYTES);
    places_new(&map, tables, 1, SHARDS);
    cr_assert(is_in_page(&map, tables[SHARDS - 1]));
    cr_assert_eq(map.blocks->to_come, 0);
    cr_assert(map.page_work);
    cr_assert(im__map_memory_will_be_made(&map, tables[SHARDS - 1]));
    do_all_page_work(&map);
    cr_assert_not(im__map_memory_will_be_made(&map, tables[SHARDS - 1]));
    cr_assert_eq(pages_there(&map), PAGES);
    for (size_t i = 0; i < SLICE_BYTES; i++)
        cr_assert_eq(((unsigned char *)tables[0])[i], 1, "who did not wait for the page has it as it was");
    cr_assert_not(map.page_work);
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

Test(pages, are_not_waited_for_when_no_more_tables_are_to_come)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *late;
    begin_with_a_place(&map, tables);
    tables_new(&map, tables, 1, SHARDS);
    cr_assert_not(is_in_page(&map, tables[1]));
    cr_assert_eq(map.blocks->to_come, 0);
    places_new(&map, &late, 0, 1);
    cr_assert_not(is_in_page(&map, late), "pages may be going back");
    do_all_page_work(&map);
    cr_assert_eq(fine_pages_there(&map), FINE_PAGES / 4, "the table that waits fills a quarter of the page");
    tables_free(&map, &late, 0, 1);
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

Test(pages, that_no_table_comes_for_any_more_are_small_ones_for_others)
{
    struct im_raw_map map = no_tables;
    void *tables[2 * SHARDS];
    tables_new(&map, tables, 0, SHARDS);
    cr_assert_not(is_in_page(&map, tables[SHARDS - 1]));
    tables_new(&map, tables, SHARDS, 2 * SHARDS);
    for (size_t i = SHARDS; i < 2 * SHARDS; i++)
        cr_assert(is_in_page(&map, tables[i]));
    cr_assert_eq(never_huge.begin, map.blocks->memory);
    cr_assert_eq(never_huge.bytes, (size_t)PAGES * HUGE_PAGE_BYTES);
    do_all_page_work(&map);
    for (size_t i = 0; i < 2 * SHARDS; i++)
        cr_assert_eq(*(unsigned char *)tables[i], 1, "table %zu is as it was", i);
    tables_free(&map, tables, 0, 2 * SHARDS);
    cr_assert_null(map.blocks);
}

Test(pages, that_a_table_waits_for_are_not_given_up)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS + 2];
    begin_with_a_place(&map, tables);
    tables_new(&map, tables, 1, SHARDS + 2);
    cr_assert_not(is_in_page(&map, tables[SHARDS]));
    cr_assert_null(block_of(&map, tables[SHARDS + 1]), "there is no other slice");
    cr_assert_null(never_huge.begin);
    cr_assert(im__map_memory_will_be_made(&map, tables[0]));
    tables_free(&map, tables, 0, 1);
    places_new(&map, tables, 0, 1);
    cr_assert(is_in_page(&map, tables[0]), "nobody waits for the page any more, nor does it come");
    cr_assert_eq(never_huge.begin, map.blocks->memory);
    cr_assert_not(im__map_memory_will_be_made(&map, tables[0]));
    tables_free(&map, tables, 0, SHARDS + 2);
    cr_assert_null(map.blocks);
}

Test(pages, that_are_not_there_are_not_left)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS];
    begin_with_a_place(&map, tables);
    tables_new(&map, tables, 1, 4);
    tables_free(&map, tables, 0, 1);
    tables_new(&map, tables, 0, 1);
    cr_assert_not(is_in_page(&map, tables[0]), "it would wait for the page");
    tables_free(&map, tables, 0, 4);
    im__map_memory_expect_none(&map);
    cr_assert_null(map.blocks);
}

/* Whether a table aside that needs so much lies in the block. */
static bool is_aside_in(struct im_raw_map *map, const struct im_map_block *block, size_t bytes, size_t seldom_bytes)
{
    void *seldom, *table = im__map_memory_new_aside(map, bytes, seldom_bytes, 64, &seldom);
    cr_assert_not_null(table);
    memset(table, 1, bytes);
    memset(seldom, 1, seldom_bytes);
    const bool is_in = block_of(map, table) == block;
    im__map_memory_free(map, table, bytes + seldom_bytes);
    return is_in;
}

Test(pages, of_tables_that_grow_are_for_those_aside)
{
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *larger[SHARDS / 2];
    tables_new(&map, tables, 0, SHARDS);
    for (size_t i = 0; i < SHARDS / 2; i++)
        larger[i] = table_new(&map, 2 * (size_t)SLICE_BYTES);
    const struct im_map_block *left = map.blocks, *entered = left->next;
    const size_t to_come = entered->to_come;
    tables_free(&map, tables, 0, 1);
    cr_assert(is_aside_in(&map, left, SLICE_BYTES / 2, 64), "a slice of twice its size");
    cr_assert(is_aside_in(&map, left, SLICE_BYTES / 4 * 3, 64), "larger slices would do, too");
    cr_assert(is_aside_in(&map, NULL, SLICE_BYTES / 4, 64), "a slice of four times its size wastes memory");
    cr_assert(is_aside_in(&map, NULL, SLICE_BYTES / 2, 128));
    cr_assert(is_aside_in(&map, NULL, 3 * (size_t)SLICE_BYTES, 64));
    cr_assert_eq(entered->to_come, to_come);
    tables_free(&map, tables, 1, SHARDS - 1);
    cr_assert(left->is_left);
    cr_assert(is_aside_in(&map, NULL, SLICE_BYTES / 2, 64),
              "no slice of it is given any more, nor one of the tables to stay");
    tables_free(&map, tables, SHARDS - 1, SHARDS);
    cr_assert_eq(map.blocks, entered);
    for (size_t i = 0; i < SHARDS / 2; i++)
        im__map_memory_free(&map, larger[i], 2 * (size_t)SLICE_BYTES);
    im__map_memory_expect_none(&map);
    cr_assert_null(map.blocks);
}

static void *table_of_split_new(struct im_raw_map *map)
{
    void *seldom, *table = im__map_memory_new_for_split(map, SLICE_BYTES, 64, 64, &seldom);
    cr_assert_not_null(table);
    memset(table, 1, SLICE_BYTES);
    cr_assert_not_null(block_of(map, table));
    cr_assert_not(map->page_work, "nobody knows of any table to come");
    return table;
}

Test(pages, that_tables_are_to_come_for_are_not_given_up)
{
    enum { EARLY = 3 };
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *aside[SHARDS], *seldom;
    tables_new(&map, tables, 0, EARLY);
    for (size_t i = EARLY; i < SHARDS; i++) {
        aside[i] = im__map_memory_new_aside(&map, SLICE_BYTES / 2, 64, 64, &seldom);
        cr_assert_eq(block_of(&map, aside[i]), map.blocks);
    }
    tables_new(&map, tables, EARLY, EARLY + 1);
    cr_assert_null(block_of(&map, tables[EARLY]), "no small page is left");
    cr_assert_null(never_huge.begin);
    tables_free(&map, aside, EARLY, SHARDS);
    tables_free(&map, tables, 0, EARLY + 1);
    cr_assert_null(map.blocks);
}

Test(pages, of_shards_to_be_are_in_one_block)
{
    struct im_raw_map map = {.split_mask = SHARDS - 1};
    void *tables[SHARDS], *other;
    for (size_t i = 0; i < SHARDS; i++) {
        tables[i] = table_of_split_new(&map);
        cr_assert_eq(block_of(&map, tables[i]), map.blocks);
    }
    map.split_mask = 2 * SHARDS - 1;
    other = table_of_split_new(&map);
    cr_assert_neq(block_of(&map, other), map.blocks, "there is not room for so many");
    im__map_memory_free(&map, other, SLICE_BYTES);
    map.shard_mask = SHARDS - 1;
    tables_free(&map, tables, 0, 1);
    tables_new(&map, tables, 0, 1);
    cr_assert_eq(block_of(&map, tables[0]), map.blocks);
    tables_free(&map, tables, 0, SHARDS);
    cr_assert_null(map.blocks);
}

Test(pages, of_small_tables_go_when_all_have_gone)
{
    enum { SMALL_BYTES = BLOCK_MIN_BYTES / SHARDS };
    struct im_raw_map map = no_tables;
    void *tables[SHARDS], *seldom;
    for (size_t i = 0; i < SHARDS; i++) {
        tables[i] = im__map_memory_new(&map, SMALL_BYTES, 64, 64, &seldom);
        memset(tables[i], 1, SMALL_BYTES);
        memset(seldom, 1, 64);
        cr_assert_not_null(map.blocks);
        cr_assert_eq(block_of(&map, tables[i]), map.blocks);
        cr_assert_eq(map.blocks->huge_bytes, 0);
        cr_assert_not(map.page_work);
    }
    for (size_t i = 0; i < SHARDS; i++)
        im__map_memory_free(&map, tables[i], SMALL_BYTES);
    cr_assert_null(map.blocks);
    tables[0] = im__map_memory_new(&map, SMALL_BYTES - 64, 64, 64, &seldom);
    cr_assert_null(map.blocks, "all together need too little");
    im__map_memory_free(&map, tables[0], SMALL_BYTES);
}
#endif
