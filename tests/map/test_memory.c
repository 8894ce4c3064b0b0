/* SPDX-License-Identifier: MIT */
/* The memory of large maps: blocks of huge pages, of which each table has a slice. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/map.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE uint64_t
#include <intermut/map.h>

typedef struct {
    uint64_t number __attribute__((aligned(1024)));
} aligned_number;
IM_FREEZE(aligned_number);
/* All shards have about as many keys, in every run: a table that replaces another one has its size. */
#define IM_MAP_NAME aligned_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE aligned_number
#define IM_MAP_HASH(key, seed) ((seed) * 0 + (key) * UINT64_C(0x9e3779b97f4a7c15))
#include <intermut/map.h>

enum { HUGE_PAGE_BYTES = 1 << 21, KEYS = 250000, ALL_LARGE_KEYS = 200000 };

/*
 * What the library asks the kernel for comes by here. Not in sanitized programs, which look at it themselves, or have no
 * blocks.
 */
#define SEES_CALLS (!IM_ADDRESS_SANITIZER && !IM_THREAD_SANITIZER)
static struct {
    size_t blocks;      /* mapped now */
    size_t huge_blocks; /* so far */
    size_t given_back;  /* parts of blocks, so far */
    size_t tables;      /* that are the C library's, of 2 KiB and more, so far */
    bool fails_to_map, fails_to_be_huge, fails_to_start;
    uint32_t stops; /* atomic; 1: the next one who maps is to stop, 2: it has, 3: it may go on */
} calls;

#if SEES_CALLS
/* The newest area of huge pages. */
static struct {
    unsigned char *memory;
    size_t bytes;
} huge;

/* How much of it is there. */
static size_t huge_bytes_made(void)
{
    static unsigned char is_there[HUGE_PAGE_BYTES / 4096];
    size_t bytes = 0;
    for (size_t at = 0; at < huge.bytes; at += HUGE_PAGE_BYTES) {
        cr_assert_eq(mincore(huge.memory + at, HUGE_PAGE_BYTES, is_there), 0);
        for (size_t page = 0; page < sizeof is_there; page++)
            bytes += (is_there[page] & 1) * (size_t)4096;
    }
    return bytes;
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    int (*next)(void **, size_t, size_t);
    *(void **)&next = dlsym(RTLD_NEXT, "posix_memalign");
    if (bytes >= 2048)
        im_sync_fetch_add(&calls.tables, 1, memory_order_relaxed);
    return next(memory, alignment, bytes);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
    return calls.fails_to_start ? EAGAIN : next(thread, attributes, function, argument);
}

static void stop_when_asked(void)
{
    uint32_t asked = 1;
    if (!im_sync_compare_exchange(&calls.stops, &asked, 2, memory_order_acq_rel, memory_order_relaxed))
        return;
    im_sync_wake(&calls.stops, IM_SYNC_ALL);
    /* Who is to let us go on may be waiting for us, as it should. */
    im_sync_wait(&calls.stops, 2, im_sync_now_ns() + 50000000);
}

void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset)
{
    if (bytes > HUGE_PAGE_BYTES)
        stop_when_asked();
    if (bytes > HUGE_PAGE_BYTES && im_sync_load(&calls.fails_to_map, memory_order_relaxed)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    void *memory = (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
    if (bytes > HUGE_PAGE_BYTES && memory != MAP_FAILED)
        im_sync_fetch_add(&calls.blocks, 1, memory_order_relaxed);
    return memory;
}

int munmap(void *address, size_t bytes)
{
    /* What is cut off of a new block is smaller. */
    if (bytes > HUGE_PAGE_BYTES)
        im_sync_fetch_sub(&calls.blocks, 1, memory_order_relaxed);
    return (int)syscall(SYS_munmap, address, bytes);
}

int madvise(void *address, size_t bytes, int advice)
{
    if (advice == MADV_HUGEPAGE) {
        cr_assert_eq((uintptr_t)address % HUGE_PAGE_BYTES, 0);
        cr_assert_eq(bytes % HUGE_PAGE_BYTES, 0);
        if (im_sync_load(&calls.fails_to_be_huge, memory_order_relaxed)) {
            errno = EINVAL;
            return -1;
        }
        huge.memory = address;
        huge.bytes = bytes;
        im_sync_fetch_add(&calls.huge_blocks, 1, memory_order_relaxed);
    }
    if (advice == MADV_DONTNEED)
        im_sync_fetch_add(&calls.given_back, 1, memory_order_relaxed);
    return (int)syscall(SYS_madvise, address, bytes, advice);
}
#endif

static void expect_blocks(bool some)
{
    if (SEES_CALLS)
        cr_assert_eq(calls.blocks > 0, some, "%zu blocks", calls.blocks);
}

/* The keys from `first` on are there with their values, and no others. */
static void check(const number_map *map, uint64_t first)
{
    for (uint64_t key = 0; key < KEYS; key++) {
        uint64_t value = 0;
        int error = number_map_get(map, key, &value);
        cr_assert_eq(error, key < first ? ENOENT : 0, "key %lu: %d", (unsigned long)key, error);
        cr_assert(error || value == ~key);
    }
    cr_assert_eq(number_map_len(map), KEYS - first);
}

static void fill(const number_map *map, uint64_t first, uint64_t end)
{
    for (uint64_t key = first; key < end; key++)
        cr_assert_eq(number_map_insert(map, key, ~key), 0);
}

/* Through all sizes up, down, and up again; with blocks or without. */
static void grow_and_shrink(unsigned shards, bool has_blocks)
{
    number_map map;
    number_map_init(&map, &(struct im_map_options){.shards = shards});
    errno = 77;
    fill(&map, 0, KEYS);
    /* Tables that were left behind have blocks until they are freed; those of before the last growth are not huge. */
    cr_assert_eq(number_map_synchronize(&map), 0);
    expect_blocks(has_blocks);
    check(&map, 0);
    for (uint64_t key = 0; key < KEYS - 100; key++)
        cr_assert_eq(number_map_remove(&map, key, NULL), 0);
    cr_assert_eq(number_map_shrink_to_fit(&map), 0);
    expect_blocks(false);
    check(&map, KEYS - 100);
    fill(&map, 0, KEYS - 100);
    check(&map, 0);
    cr_assert_eq(number_map_synchronize(&map), 0);
    cr_assert_eq(errno, 77, "errno is left alone");
    expect_blocks(has_blocks);
    number_map_destroy(&map);
    expect_blocks(false);
}

Test(memory, tables_of_large_maps_are_slices_of_huge_blocks)
{
    for (unsigned shards = 1; shards <= 256; shards *= 16)
        grow_and_shrink(shards, true);
    grow_and_shrink(0, true);
    if (SEES_CALLS) {
        cr_assert_lt(calls.huge_blocks, 100, "%zu blocks for more than a thousand tables", calls.huge_blocks);
        cr_assert_gt(calls.given_back, 0);
    }
}

#if SEES_CALLS
Test(memory, small_tables_of_many_shards_leave_no_holes_in_heaps)
{
    number_map map = {0};
    for (uint64_t key = 0; key < KEYS / 8; key++)
        cr_assert_eq(number_map_insert(&map, key, ~key), 0);
    cr_assert_eq(number_map_synchronize(&map), 0);
    cr_assert_gt(number_map_stats(&map).shards, 1);
    cr_assert_leq(calls.tables, 10, "%zu, with those of one shard, and an array of shards", calls.tables);
    cr_assert_eq(calls.huge_blocks, 0);
    number_map_destroy(&map);
    expect_blocks(false);
}

/* One of two tables is replaced by another of its size, as readers may still look at all that its log has room for. */
static void begin_with_a_free_slice(aligned_map *map)
{
    enum { MANY_KEYS = 330 };
    uint64_t key = 0;
    calls.fails_to_start = true;
    aligned_map_init(map, &(struct im_map_options){.shards = 2});
    for (; key < MANY_KEYS; key++)
        cr_assert_eq(aligned_map_insert(map, key, (aligned_number){key}), 0);
    cr_assert_eq(aligned_map_synchronize(map), 0);
    const struct im_map_stats before = aligned_map_stats(map);
    while (aligned_map_stats(map).growths == before.growths)
        cr_assert_eq(aligned_map_remove(map, --key, NULL), 0);
    cr_assert_eq(aligned_map_stats(map).capacity, before.capacity);
    calls.given_back = 0;
}

Test(memory, synchronize_gives_back_what_tables_left)
{
    aligned_map map;
    begin_with_a_free_slice(&map);
    cr_assert_eq(aligned_map_synchronize(&map), 0);
    cr_assert_eq(calls.given_back, 1);
    cr_assert_eq(aligned_map_synchronize(&map), 0);
    cr_assert_eq(calls.given_back, 1, "once is enough");
    aligned_map_destroy(&map);
    expect_blocks(false);
}

Test(memory, shrink_to_fit_gives_back_what_tables_left)
{
    aligned_map map;
    begin_with_a_free_slice(&map);
    cr_assert_eq(aligned_map_shrink_to_fit(&map), 0);
    cr_assert_eq(calls.given_back, 1);
    aligned_map_destroy(&map);
    expect_blocks(false);
}

Test(memory, no_insert_makes_a_huge_page)
{
    static number_map map;
    calls.fails_to_start = true;
    for (uint64_t key = 0; key < KEYS; key++) {
        fill(&map, key, key + 1);
        if (key % 1000 == 0)
            cr_assert_eq(huge_bytes_made(), 0, "at %lu", (unsigned long)key);
    }
    cr_assert_geq(calls.huge_blocks, 2, "for two sizes");
    expect_blocks(true);
    check(&map, 0);
    number_map_destroy(&map);
    expect_blocks(false);
}

/* Whether its slot lies in huge pages. */
static bool is_in_huge_page(const number_map *map, uint64_t key)
{
    number_map_read_lock(map);
    const bool is = (uintptr_t)number_map_find(map, key) - (uintptr_t)huge.memory < huge.bytes;
    number_map_read_unlock(map);
    return is;
}

Test(memory, the_helper_makes_pages_for_the_tables_to_come)
{
    static number_map map;
    uint64_t key = 0, in_huge_pages = 0;
    while (calls.huge_blocks == 0)
        fill(&map, key, key + 1), key++;
    /* A page is there when it is touched for the first time, and is used when it has been made. */
    while (im_sync_load(&map.raw.page_work, memory_order_relaxed))
        sched_yield();
    cr_assert_eq(huge_bytes_made(), huge.bytes);
    fill(&map, key, ALL_LARGE_KEYS);
    cr_assert_eq(calls.huge_blocks, 1, "of the next size there is no table yet");
    for (key = 0; key < ALL_LARGE_KEYS; key++)
        in_huge_pages += is_in_huge_page(&map, key);
    cr_assert_gt(in_huge_pages, ALL_LARGE_KEYS / 8 * 7);
    number_map_destroy(&map);
    expect_blocks(false);
}

Test(memory, no_pages_are_made_for_a_map_that_goes)
{
    static number_map map;
    for (int i = 0; i < 20; i++) {
        for (uint64_t key = 0; calls.blocks == 0; key++)
            fill(&map, key, key + 1);
        number_map_clear(&map);
        fill(&map, 0, 100);
        number_map_destroy(&map);
        expect_blocks(false);
    }
}
#endif

Test(memory, a_map_that_is_reserved_has_one_block)
{
    static number_map map;
    cr_assert_eq(number_map_reserve(&map, KEYS), 0);
#if SEES_CALLS
    cr_assert_eq(huge_bytes_made(), huge.bytes, "who reserves has waited for them");
#endif
    fill(&map, 0, KEYS);
    check(&map, 0);
    cr_assert_eq(number_map_stats(&map).growths, 0);
    cr_assert(!SEES_CALLS || calls.huge_blocks == 1, "%zu blocks", calls.huge_blocks);
    number_map_destroy(&map);
    expect_blocks(false);
}

#if SEES_CALLS
Test(memory, without_huge_pages_it_is_the_c_library_s)
{
    calls.fails_to_be_huge = true;
    grow_and_shrink(0, false);
    calls.fails_to_be_huge = false;
    calls.fails_to_map = true;
    grow_and_shrink(0, false);
    cr_assert_eq(calls.huge_blocks, 0);
}

/* An allocator that has not been asked for anything else. */
static void *allocate(void *context, size_t bytes, size_t alignment)
{
    void *memory = NULL;
    ++*(size_t *)context;
    return posix_memalign(&memory, alignment, bytes) ? NULL : memory;
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)bytes;
    --*(size_t *)context;
    free(memory);
}

Test(memory, an_allocator_is_asked_for_all_of_it)
{
    size_t outstanding = 0;
    const struct im_allocator allocator = {allocate, release, &outstanding};
    number_map map;
    number_map_init(&map, &(struct im_map_options){.allocator = &allocator});
    cr_assert_eq(number_map_reserve(&map, KEYS), 0);
    cr_assert_eq(outstanding, IM_MAP_SHARDS + 1, "the shards, and a table for each");
    number_map_destroy(&map);
    cr_assert_eq(outstanding, 0);
    cr_assert_eq(calls.huge_blocks, 0);
}
#endif

static number_map map_with_reader;
static uint32_t reader_state; /* atomic; 1: it is inside, 2: it may leave */

static void *look_at_first_key(void *argument)
{
    const number_map *map = &map_with_reader;
    uint32_t *state = &reader_state;
    number_map_read_lock(map);
    const uint64_t *found = number_map_find(map, 0);
    im_sync_store(state, 1, memory_order_release);
    im_sync_wake(state, IM_SYNC_ALL);
    while (im_sync_load(state, memory_order_acquire) == 1)
        im_sync_wait(state, 1, IM_SYNC_FOREVER);
    const bool is_same = *found == ~UINT64_C(0);
    number_map_read_unlock(map);
    return is_same ? argument : NULL;
}

Test(memory, what_is_left_behind_stays_while_others_of_its_block_go)
{
    const number_map *map = &map_with_reader;
    pthread_t reader;
    void *is_same = NULL;
    fill(map, 0, 120000);
    const uint64_t growths = number_map_stats(map).growths;
    cr_assert_eq(pthread_create(&reader, NULL, look_at_first_key, &reader_state), 0);
    while (im_sync_load(&reader_state, memory_order_acquire) == 0)
        im_sync_wait(&reader_state, 0, IM_SYNC_FOREVER);
    /* Some tables, which nobody waits for yet. */
    uint64_t key = 120000;
    while (number_map_stats(map).growths < growths + 4)
        fill(map, key, key + 1), key++;
    im_sync_store(&reader_state, 2, memory_order_release);
    im_sync_wake(&reader_state, IM_SYNC_ALL);
    pthread_join(reader, &is_same);
    cr_assert_not_null(is_same);
    fill(map, key, KEYS);
    check(map, 0);
    number_map_destroy(&map_with_reader);
    expect_blocks(false);
}

Test(memory, slots_are_aligned_in_a_block)
{
    static aligned_map map;
    cr_assert_eq(aligned_map_reserve(&map, 3000), 0);
    for (uint64_t key = 0; key < 3000; key++)
        cr_assert_eq(aligned_map_insert(&map, key, (aligned_number){key}), 0);
    for (uint64_t key = 0; key < 3000; key++) {
        im_map_with(aligned_map, found, &map, key)
            cr_assert(found->number == key && (uintptr_t)found % _Alignof(aligned_number) == 0);
        else
            cr_assert_fail("key %lu is gone", (unsigned long)key);
    }
    expect_blocks(true);
    aligned_map_destroy(&map);
    expect_blocks(false);
}

#if SEES_CALLS
static number_map parents, childs;

static void *grow_one(void *map)
{
    fill(map, 0, KEYS);
    number_map_destroy(map);
    return NULL;
}

Test(memory, the_child_of_a_fork_has_memory)
{
    pthread_t other;
    int status = -1;
    calls.stops = 1;
    cr_assert_eq(pthread_create(&other, NULL, grow_one, &parents), 0);
    while (im_sync_load(&calls.stops, memory_order_acquire) != 2)
        im_sync_wait(&calls.stops, 1, IM_SYNC_FOREVER);
    /* The other has its lock, and a fork waits for that. */
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        grow_one(&childs);
        _exit(0);
    }
    im_sync_store(&calls.stops, 3, memory_order_release);
    im_sync_wake(&calls.stops, IM_SYNC_ALL);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
    pthread_join(other, NULL);
}
#endif

#if SEES_CALLS
/* What sysconf() says of them, if not 0. */
static long cores;

/* As where /sys and /proc are not mounted. */
long sysconf(int name)
{
    long (*next)(int);
    if (cores && name == _SC_NPROCESSORS_ONLN)
        return cores;
    *(void **)&next = dlsym(RTLD_NEXT, "sysconf");
    const long value = next(name);
    errno = ENOENT;
    return value;
}

Test(memory, a_split_leaves_errno_alone)
{
    number_map map;
    number_map_init(&map, NULL);
    errno = 0;
    for (uint64_t key = 0; key < 20000; key++)
        cr_assert_eq(number_map_insert(&map, key, key), 0);
    cr_assert_eq(errno, 0);
    cr_assert_gt(number_map_stats(&map).shards, 1);
    number_map_destroy(&map);
}

Test(memory, a_map_has_four_shards_for_each_core)
{
    static const struct {
        long cores;
        size_t shards;
    } expected[] = {{-1, 128}, {1, 128}, {32, 128}, {33, 256}, {100, 512}, {128, 512}, {1024, 4096}, {1 << 20, 4096}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        number_map map = {0};
        cores = expected[i].cores;
        fill(&map, 0, 20000);
        cr_assert_eq(number_map_stats(&map).shards, expected[i].shards, "%zu shards for %ld cores",
                     number_map_stats(&map).shards, cores);
        number_map_destroy(&map);
    }
}
#endif
