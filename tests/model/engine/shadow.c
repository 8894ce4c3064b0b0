/* SPDX-License-Identifier: MIT */
/*
 * Races of plain accesses, and the life of blocks.
 *
 * Every byte that is touched has a shadow: the last plain write and, by thread, the last plain read, as moments of the
 * vector clocks. An access races when the one before it is not inside what the thread knows, whatever order the
 * scheduler happened to give the two; so plain accesses need no scheduling choices (FastTrack, Flanagan and Freund,
 * PLDI 2009). Atomic accesses are remembered by location and checked against plain ones. free() counts as a write to
 * the whole block: a reader that the grace period did not wait for is found even when it came first.
 *
 * Blocks come from an arena for each thread, at addresses that depend on nothing else, and are not reused in one
 * execution. A thread's accesses to its own stack are not looked at, nor are those to errno, of which each has its own.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    GRANULE_BYTES = 8,
    GRANULES = 1 << 16,
    REGION_BYTES = 4 << 20, /* of one thread's blocks */
    UNIT_BYTES = 16,
    BLOCKS = 1 << 15
};

struct granule {
    uintptr_t key;
    uint64_t execution;
    int location[GRANULE_BYTES];
    uint32_t write_at[GRANULE_BYTES];
    uint8_t writer[GRANULE_BYTES];
    uint32_t read_at[GRANULE_BYTES][THREADS];
    uintptr_t write_code;
    uintptr_t read_code[THREADS];
};

struct block {
    uintptr_t start;
    size_t bytes;
    unsigned thread;
    unsigned number; /* of its thread, from 1 */
    bool freed;
};

static struct granule *granules;
static uint64_t execution;
static char *region_start;
static size_t region_used[THREADS];
static uint16_t (*block_of_unit)[REGION_BYTES / UNIT_BYTES];
static struct block blocks[BLOCKS];
static unsigned block_count;
static unsigned blocks_of_thread[THREADS];

static void *map_zeroed(void *hint, size_t bytes)
{
    void *start = mmap(hint, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        abort();
    return start;
}

void shadow_begin(void)
{
    if (!granules) {
        granules = map_zeroed(NULL, sizeof *granules * GRANULES);
        block_of_unit = map_zeroed(NULL, sizeof *block_of_unit * THREADS);
        /* The same addresses in each run, as far as the system allows: a schedule replays to the same report. */
        region_start = map_zeroed((void *)UINT64_C(0x200000000000), (size_t)REGION_BYTES * THREADS);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        memset(block_of_unit[i], 0, region_used[i] / UNIT_BYTES * sizeof block_of_unit[i][0]);
        region_used[i] = 0;
        blocks_of_thread[i] = 0;
    }
    block_count = 1; /* 0 is no block */
    execution++;
}

/* ---------------------------------------------------------------------------------------------------- granules */

static struct granule *find_granule(uintptr_t address, bool create)
{
    uintptr_t key = address / GRANULE_BYTES;
    size_t slot = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 48) % GRANULES;
    for (;; slot = (slot + 1) % GRANULES) {
        struct granule *granule = &granules[slot];
        if (granule->execution != execution) {
            if (!create)
                return NULL;
            memset(granule, 0, sizeof *granule);
            memset(granule->location, -1, sizeof granule->location);
            granule->key = key;
            granule->execution = execution;
            return granule;
        }
        if (granule->key == key)
            return granule;
    }
}

int *shadow_location(uintptr_t address)
{
    return &find_granule(address, true)->location[address % GRANULE_BYTES];
}

bool shadow_knows(const struct clock *known)
{
    const struct clock *now = &self_thread()->current->clock;
    for (unsigned i = 0; i < THREADS; i++)
        if (known->at[i] > now->at[i])
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------------- races */

static __attribute__((noreturn)) void race(uintptr_t address, const char *what, uintptr_t code, const char *other,
                                           unsigned thread, uintptr_t other_code)
{
    char where[128], here[256], there[256];
    shadow_describe(address, where, sizeof where);
    report_code(code, here, sizeof here);
    report_code(other_code, there, sizeof there);
    snprintf(run.detail, sizeof run.detail, "  %s by thread %u %s\n  %s by thread %u %s\n", what, run.self, here, other,
             thread, there);
    im_model_fail("data race on %s: %s and %s are not ordered", where, what, other);
}

static bool knows(unsigned thread, uint32_t at)
{
    return at <= self_thread()->current->clock.at[thread];
}

static void check_locations(const struct granule *granule, unsigned byte, uintptr_t address, bool writes,
                            uintptr_t code)
{
    int index = granule->location[byte];
    if (index < 0)
        return;
    const char *what = writes ? "plain write" : "plain read";
    for (unsigned i = 0; i < THREADS; i++) {
        if (!knows(i, run.location[index].writes.at[i]))
            race(address, what, code, "atomic write", i, 0);
        if (writes && !knows(i, run.location[index].reads.at[i]))
            race(address, what, code, "atomic read", i, 0);
    }
}

static void check_byte(const struct granule *granule, unsigned byte, uintptr_t address, bool writes, uintptr_t code)
{
    const char *what = writes ? "plain write" : "plain read";
    if (!knows(granule->writer[byte], granule->write_at[byte]))
        race(address, what, code, "plain write", granule->writer[byte], granule->write_code);
    for (unsigned i = 0; writes && i < THREADS; i++)
        if (!knows(i, granule->read_at[byte][i]))
            race(address, what, code, "plain read", i, granule->read_code[i]);
}

static void note_byte(struct granule *granule, unsigned byte, bool writes, uintptr_t code)
{
    uint32_t now = self_thread()->current->clock.at[run.self];
    if (writes) {
        granule->write_at[byte] = now;
        granule->writer[byte] = (uint8_t)run.self;
        granule->write_code = code;
    } else {
        granule->read_at[byte][run.self] = now;
        granule->read_code[run.self] = code;
    }
}

static void touch_granule(uintptr_t start, unsigned from, unsigned to, bool writes, uintptr_t code, bool create)
{
    struct granule *granule = find_granule(start, create);
    if (!granule)
        return;
    int stored = -1;
    for (unsigned byte = from; byte < to; byte++) {
        check_locations(granule, byte, start + byte, writes, code);
        check_byte(granule, byte, start + byte, writes, code);
        note_byte(granule, byte, writes, code);
        if (writes && granule->location[byte] >= 0 && granule->location[byte] != stored) {
            stored = granule->location[byte];
            memory_plain_store(stored);
        }
    }
}

static void touch(uintptr_t address, size_t bytes, bool writes, uintptr_t code, bool create)
{
    uintptr_t end = address + bytes;
    while (address < end) {
        uintptr_t start = address - address % GRANULE_BYTES;
        uintptr_t next = start + GRANULE_BYTES;
        unsigned to = next < end ? GRANULE_BYTES : (unsigned)(end - start);
        touch_granule(start, (unsigned)(address - start), to, writes, code, create);
        address = next;
    }
}

void shadow_plain(uintptr_t address, size_t bytes, bool writes, uintptr_t code)
{
    unsigned owner = THREADS;
    if (run.phase == PHASE_IDLE || bytes == 0 || address == (uintptr_t)&errno ||
        (fiber_on_stack(address, &owner) && owner == run.self))
        return;
    shadow_check_life(address, bytes, writes ? "plain write" : "plain read");
    /* What is done alone before the threads start is ordered before everything: only its stores matter. */
    touch(address, bytes, writes, code, run.phase != PHASE_INIT && run.phase != PHASE_CHECK);
}

void shadow_atomic(int index, bool reads, bool writes)
{
    struct location *location = &run.location[index];
    struct granule *granule = find_granule(location->address, true);
    unsigned first = location->address % GRANULE_BYTES;
    unsigned owner = THREADS;
    bool on_stack = fiber_on_stack(location->address, &owner);
    for (unsigned byte = first; !on_stack && byte < first + location->bytes; byte++) {
        const char *what = writes ? "atomic write" : "atomic read";
        if (!knows(granule->writer[byte], granule->write_at[byte]))
            race(location->address, what, 0, "plain write", granule->writer[byte], granule->write_code);
        for (unsigned i = 0; writes && i < THREADS; i++)
            if (!knows(i, granule->read_at[byte][i]))
                race(location->address, what, 0, "plain read", i, granule->read_code[i]);
    }
    uint32_t now = self_thread()->current->clock.at[run.self];
    if (reads)
        location->reads.at[run.self] = now;
    if (writes)
        location->writes.at[run.self] = now;
}

void im_model_plain_read(const volatile void *start, size_t bytes)
{
    shadow_plain((uintptr_t)start, bytes, false, (uintptr_t)__builtin_return_address(0));
}

void im_model_plain_write(const volatile void *start, size_t bytes)
{
    shadow_plain((uintptr_t)start, bytes, true, (uintptr_t)__builtin_return_address(0));
}

/* ------------------------------------------------------------------------------------------------------ blocks */

static bool in_region(uintptr_t address)
{
    return region_start && address - (uintptr_t)region_start < (uintptr_t)REGION_BYTES * THREADS;
}

static struct block *block_at(uintptr_t address)
{
    uintptr_t offset = address - (uintptr_t)region_start;
    return &blocks[block_of_unit[offset / REGION_BYTES][offset % REGION_BYTES / UNIT_BYTES]];
}

void shadow_describe(uintptr_t address, char *text, size_t bytes)
{
    size_t offset = 0;
    const char *name = report_find_name(address, &offset);
    const struct block *block = in_region(address) ? block_at(address) : blocks;
    if (name && offset)
        snprintf(text, bytes, "%s+%zu", name, offset);
    else if (name)
        snprintf(text, bytes, "%s", name);
    else if (block != blocks)
        snprintf(text, bytes, "block %u.%u+%zu", block->thread, block->number, (size_t)(address - block->start));
    else
        snprintf(text, bytes, "%#zx", (size_t)address);
}

void shadow_check_life(uintptr_t address, size_t bytes, const char *what)
{
    if (!in_region(address))
        return;
    const struct block *block = block_at(address);
    char where[128];
    if (block != blocks && !block->freed && address + bytes <= block->start + block->bytes)
        return;
    shadow_describe(address, where, sizeof where);
    if (block->freed)
        im_model_fail("use after free: %s of %zu bytes at %s", what, bytes, where);
    im_model_fail("out of bounds: %s of %zu bytes at %s", what, bytes, where);
}

void shadow_check_leaks(void)
{
    for (unsigned i = 1; i < block_count; i++)
        if (!blocks[i].freed)
            im_model_fail("leak: block %u.%u of %zu bytes is left over", blocks[i].thread, blocks[i].number,
                          blocks[i].bytes);
}

static bool fails_by_choice(void)
{
    if (run.phase == PHASE_INIT || run.phase == PHASE_CHECK || run.failed_allocations == 0 || decide_value(2, 3) == 0)
        return false;
    run.failed_allocations--;
    return true;
}

static size_t round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

void *im_model_aligned_alloc(size_t alignment, size_t bytes)
{
    if (run.phase == PHASE_IDLE)
        return aligned_alloc(alignment, round_up(bytes, alignment));
    if (fails_by_choice())
        return NULL;
    if (alignment < UNIT_BYTES)
        alignment = UNIT_BYTES;
    if (bytes == 0)
        bytes = 1;
    size_t *used = &region_used[run.self];
    size_t start = round_up(*used + UNIT_BYTES, alignment); /* at least one unit between two blocks */
    if (start + bytes + UNIT_BYTES > REGION_BYTES || block_count == BLOCKS)
        im_model_fail("more than %d bytes or %d blocks allocated by one thread", REGION_BYTES, BLOCKS);
    *used = round_up(start + bytes, UNIT_BYTES);
    char *block = region_start + (size_t)REGION_BYTES * run.self + start;
    for (size_t unit = start / UNIT_BYTES; unit < *used / UNIT_BYTES; unit++)
        block_of_unit[run.self][unit] = (uint16_t)block_count;
    blocks[block_count++] = (struct block){
        .start = (uintptr_t)block, .bytes = bytes, .thread = run.self, .number = ++blocks_of_thread[run.self]};
    memset(block, 0xa5, bytes); /* not zero: nobody should rely on it */
    return block;
}

void *im_model_malloc(size_t bytes)
{
    return im_model_aligned_alloc(UNIT_BYTES, bytes);
}

void *im_model_calloc(size_t count, size_t bytes)
{
    if (bytes && count > SIZE_MAX / bytes)
        return NULL;
    void *block = im_model_malloc(count * bytes);
    if (block)
        memset(block, 0, count * bytes);
    return block;
}

int im_model_posix_memalign(void **block, size_t alignment, size_t bytes)
{
    void *start = im_model_aligned_alloc(alignment, bytes);
    if (!start)
        return ENOMEM;
    *block = start;
    return 0;
}

void *im_model_realloc(void *old, size_t bytes)
{
    void *block = im_model_malloc(bytes);
    if (!block || !old)
        return block;
    size_t old_bytes = block_at((uintptr_t)old)->bytes;
    memcpy(block, old, old_bytes < bytes ? old_bytes : bytes);
    im_model_free(old);
    return block;
}

void im_model_free(void *start)
{
    uintptr_t address = (uintptr_t)start;
    if (!start)
        return;
    if (!in_region(address)) {
        free(start);
        return;
    }
    struct block *block = block_at(address);
    if (block == blocks || block->start != address || block->freed)
        im_model_fail("free of what is no block, or no more: %#zx", (size_t)address);
    touch(address, block->bytes, true, (uintptr_t)__builtin_return_address(0), false);
    block->freed = true;
}
