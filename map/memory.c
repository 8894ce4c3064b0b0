/* SPDX-License-Identifier: MIT */
/*
 * Memory for the tables of large maps: in huge pages, where the system has them and no allocator was given.
 *
 * A lookup in a large map touches two places that no other lookup touched for long. Processors know the way to some
 * 2,000 pages; with pages of 4 KiB these are 8 MiB, and for each lookup beyond the page tables are asked first. With huge
 * pages, of 2 MiB, they are not, and the system hands out a table in one piece instead of in hundreds. It does so on
 * request (madvise), and for areas that are aligned as such pages are. The table of one of many shards is mostly smaller
 * than one page. But keys are spread evenly, so all shards of a map grow at about the same time, to tables of the same
 * size: these are slices of one block, which is mapped when the first of them is wanted.
 *
 * A block has some slices more than the map has shards, for tables that are replaced by others of the same size, and
 * apart from the slices, room for what is seldom used of each table. Both take address space only until they are used, as
 * they are not in huge pages. When the slices do not suffice there is one more block. The oldest block that has a free
 * slice gives it, so that old blocks are full or become empty. When fifteen sixteenths of the slices are free
 * the map is leaving the block: the memory of free slices goes back to the system, and the block with its last slice. Not
 * before, since to take memory away interrupts all processors on which the program runs, and readers with them.
 *
 * Whatever goes wrong here (no address space, no huge pages) is no error: the C library is asked then. It is always
 * asked in programs with AddressSanitizer or LeakSanitizer, which would see neither that a slice is used after its end,
 * nor what it points to.
 *
 * One lock for all maps, which a fork() waits for: the helper of a map is not there in the child, and might have had it.
 * It is a leaf: who has it asks nobody but the kernel.
 */
#include <map_internal.h>

#include <sys/mman.h>

enum {
    HUGE_PAGE_BYTES = 1 << 21,
    /* No system has larger pages where they are not huge. */
    PAGE_BYTES_AT_MOST = 1 << 16,
    /* Smaller blocks are not worth it. */
    BLOCK_MIN_BYTES = 2 * HUGE_PAGE_BYTES,
    SLICE_MIN_BYTES = 4096,
    SHARDS_PER_SPARE_SLICE = 16,
    /* A block whose slices are used to this part only is one that the map is leaving. */
    LEFT_PART = 16,
    SLICES_MAX = IM_MAP_MAX_SHARDS + IM_MAP_MAX_SHARDS / SHARDS_PER_SPARE_SLICE + 1,
};

/* At the start of its own memory. */
struct im_map_block {
    struct im_map_block *next; /* a younger one */
    size_t bytes;              /* of the whole */
    size_t slices_at;
    size_t slice_bytes;
    size_t seldom_at; /* the parts that are seldom used */
    size_t seldom_bytes;
    size_t slices, spares, used_slices;
    bool is_used[SLICES_MAX];
};

static struct im_sync_mutex lock; /* of all blocks of all maps */

/* What one table needs. */
struct parts {
    size_t often, seldom; /* multiples of the alignment */
    size_t alignment;
};

static size_t round_down(size_t bytes, size_t unit)
{
    return bytes / unit * unit;
}

static size_t round_up(size_t bytes, size_t unit)
{
    return round_down(bytes + unit - 1, unit);
}

/* Of LeakSanitizer, which AddressSanitizer has inside. */
extern void __lsan_register_root_region(const void *, size_t) __attribute__((weak));

static bool is_watched(void)
{
    return &__lsan_register_root_region != NULL;
}

static void lock_for_fork(void)
{
    im_sync_mutex_lock(&lock);
}

static void unlock_after_fork(void)
{
    im_sync_mutex_unlock(&lock);
}

/* Under the lock. */
static void watch_forks(void)
{
    static bool is_watching;
    if (!is_watching)
        im_sync_at_fork(lock_for_fork, unlock_after_fork, unlock_after_fork);
    is_watching = true;
}

void im__map_memory_watch_forks(void)
{
    im_sync_mutex_lock(&lock);
    watch_forks();
    im_sync_mutex_unlock(&lock);
}

/* Fresh memory that starts where a huge page may. NULL: none. */
static void *map_memory(size_t bytes)
{
    unsigned char *memory =
        mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    const size_t before = round_up((uintptr_t)memory, HUGE_PAGE_BYTES) - (uintptr_t)memory;
    if (before)
        munmap(memory, before);
    munmap(memory + before + bytes, HUGE_PAGE_BYTES - before);
    return memory + before;
}

static struct im_map_block *block_new(size_t shards, const struct parts *parts)
{
    const size_t spares = shards / SHARDS_PER_SPARE_SLICE + 1, slices = shards + spares;
    const size_t slices_at = round_up(sizeof(struct im_map_block), parts->alignment);
    size_t often, seldom, bytes;
    if (__builtin_mul_overflow(slices, parts->often, &often) ||
        __builtin_mul_overflow(slices, parts->seldom, &seldom) || __builtin_add_overflow(often, seldom, &bytes) ||
        bytes > PTRDIFF_MAX / 2)
        return NULL;
    bytes = round_up(slices_at + bytes, PAGE_BYTES_AT_MOST);
    struct im_map_block *block = map_memory(bytes);
    if (!block)
        return NULL;
    if (madvise(block, round_down(slices_at + shards * parts->often, HUGE_PAGE_BYTES), MADV_HUGEPAGE) != 0) {
        munmap(block, bytes);
        return NULL;
    }
    block->bytes = bytes;
    block->slices_at = slices_at;
    block->slice_bytes = parts->often;
    block->seldom_at = slices_at + often;
    block->seldom_bytes = parts->seldom;
    block->slices = slices;
    block->spares = spares;
    return block;
}

/* The oldest block that has a free slice of this size. NULL: none, and no memory for one. */
static struct im_map_block *block_for(struct im_raw_map *map, const struct parts *parts)
{
    struct im_map_block **link = &map->blocks;
    for (; *link; link = &(*link)->next) {
        if ((*link)->slice_bytes == parts->often && (*link)->used_slices < (*link)->slices)
            return *link;
    }
    return *link = block_new((size_t)map->shard_mask + 1, parts);
}

static size_t slice_at(const struct im_map_block *block, size_t slice)
{
    return block->slices_at + slice * block->slice_bytes;
}

/*
 * The free slice that is handed out next: first one of each huge page, so that threads whose shards grow at the same time
 * do not have the same page made, each once, and all but one thrown away; and spare ones last.
 */
static size_t free_slice(const struct im_map_block *block)
{
    const size_t shards = block->slices - block->spares, step = HUGE_PAGE_BYTES / block->slice_bytes + 1;
    for (size_t first = 0; first < step; first++) {
        for (size_t slice = first; slice < shards; slice += step) {
            if (!block->is_used[slice])
                return slice;
        }
    }
    size_t slice = shards;
    while (block->is_used[slice])
        slice++;
    return slice;
}

/* A slice of a block. NULL: none is to be had. */
static void *slice_new(struct im_raw_map *map, const struct parts *parts, void **seldom)
{
    const int saved_errno = errno;
    size_t slice = 0;
    im_sync_mutex_lock(&lock);
    watch_forks();
    struct im_map_block *block = block_for(map, parts);
    if (block) {
        slice = free_slice(block);
        block->is_used[slice] = true;
        block->used_slices++;
    }
    im_sync_mutex_unlock(&lock);
    errno = saved_errno;
    if (!block)
        return NULL;
    *seldom = (unsigned char *)block + block->seldom_at + slice * block->seldom_bytes;
    return (unsigned char *)block + slice_at(block, slice);
}

void *im__map_memory_new(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment, void **seldom)
{
    const struct parts parts = {round_up(bytes, alignment), round_up(seldom_bytes, alignment), alignment};
    void *memory = NULL;
    if (!map->allocator && parts.often >= SLICE_MIN_BYTES &&
        parts.often >= BLOCK_MIN_BYTES / ((size_t)map->shard_mask + 1) && alignment <= HUGE_PAGE_BYTES && !is_watched())
        memory = slice_new(map, &parts, seldom);
    if (memory)
        return memory;
    memory = im_allocate(map->allocator, bytes + seldom_bytes, alignment);
    *seldom = memory ? (unsigned char *)memory + bytes : NULL;
    return memory;
}

/* The memory of all free slices. */
static void give_back(struct im_map_block *block)
{
    for (size_t first = 0, end; first < block->slices; first = end + 1) {
        end = first;
        while (end < block->slices && !block->is_used[end])
            end++;
        const size_t from = round_up(slice_at(block, first), PAGE_BYTES_AT_MOST);
        const size_t to = round_down(slice_at(block, end), PAGE_BYTES_AT_MOST);
        if (from < to)
            (void)madvise((unsigned char *)block + from, to - from, MADV_DONTNEED);
    }
}

/* The link to the block that an address lies in, or to NULL. */
static struct im_map_block **block_of(struct im_raw_map *map, const void *memory)
{
    struct im_map_block **link = &map->blocks;
    while (*link && (uintptr_t)memory - (uintptr_t)*link >= (*link)->bytes)
        link = &(*link)->next;
    return link;
}

void im__map_memory_free(struct im_raw_map *map, void *memory, size_t bytes)
{
    if (map->allocator || bytes < SLICE_MIN_BYTES || is_watched()) {
        im_release(map->allocator, memory, bytes);
        return;
    }
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    struct im_map_block **link = block_of(map, memory), *block = *link, *empty = NULL;
    if (block) {
        const size_t slice = ((uintptr_t)memory - (uintptr_t)block - block->slices_at) / block->slice_bytes;
        block->is_used[slice] = false;
        if (--block->used_slices == 0) {
            *link = block->next;
            empty = block;
        } else if (block->used_slices <= block->slices / LEFT_PART) {
            give_back(block);
        }
    }
    im_sync_mutex_unlock(&lock);
    if (!block)
        im_release(NULL, memory, bytes);
    if (empty)
        munmap(empty, empty->bytes);
    errno = saved_errno;
}
