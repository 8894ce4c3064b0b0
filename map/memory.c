/* SPDX-License-Identifier: MIT */
/*
 * Memory for the tables of large maps: in blocks of their own, and in huge pages, where the system has them and no
 * allocator was given.
 *
 * A lookup in a large map touches two places that no other lookup touched for long. Processors know the way to some
 * 2,000 pages; with pages of 4 KiB these are 8 MiB, and for each lookup beyond the page tables are asked first. With
 * huge pages, of 2 MiB, they are not, and the system hands out a table in one piece instead of in hundreds. It does so
 * on request (madvise), and for areas that are aligned as such pages are. The table of one of many shards is mostly
 * smaller than one page. But keys are spread evenly, so all shards of a map grow at about the same time, to tables of
 * the same size: these are slices of one block, which is mapped when the first of them is wanted.
 *
 * Who stores to a huge page first waits until the system has found and zeroed one: 0.1 ms on most machines, 6 ms on a
 * virtual one whose host must find it, too. No insert shall wait for that. So a slice is given when all huge pages that
 * it lies on have been made (`made_bytes`, from the block's start on), by the map's helper, who makes one after the
 * other as long as there are less free slices than tables to come, by him who reserves, or at once where an insert
 * waits for all of a growth anyway: in maps that shall have one shard, and synchronous ones. A table that is not used
 * before its growth is finished (raw_map.c, I8) has its slice before that: the helper makes its pages, and passes over
 * the growth until he has, since changes are stopped when it is finished. Who finishes all growths waits for the pages
 * that are not there, unless it is a change of frozen values, which takes another table. Others for which the helper
 * comes too late lie in small pages until they grow again, in the last slices of the block; so do the last ones, which
 * would fill less than half of a page, and those that a split makes. More is never made than all shards need for this
 * growth, and nothing before the first of them grows: a map pays for what it uses. What no table came for when all had
 * come goes back to the system, of a page that some came for, too, which is no huge one then.
 *
 * Tables of many shards that are small have blocks, too, only without huge pages. They come and go by the hundred with
 * each growth, and are freed by the helper. In the C library's heaps, of which each thread has its own, that leaves
 * free memory which it keeps: some percent of a map.
 *
 * A table aside is there for one growth. It lies in a slice of the block that tables are leaving by this growth, where
 * there are free ones that are in memory. The last few find none, since the map has left that block: they are the C
 * library's.
 *
 * A block has twice as many slices as the map has shards: for tables that come too early, or are replaced by others of
 * the same size; and apart from the slices, room for what is seldom used of each table. Both take address space only
 * until they are used, as they are not in huge pages. When all but a thirty-second of the slices are free the map is
 * leaving the block: the memory of free slices goes back to the system, no slice is given any more, and the block goes
 * with its last one. Not before, since to take memory away interrupts all processors on which the program runs, and
 * readers with them. A block that is wanted no more before it was used goes when another one comes, or with the map.
 *
 * Where threads insert faster than the helper copies, a shard has two tables of one size, one after the other, or
 * three. What the first ones had goes back when no shard grows, though the map stays in the block, if it is more than a
 * sixteenth of what is used: by the helper, or by who waits for all that was left behind. Huge pages that it lies on in
 * part are none any more. And tables that come when all have come, and find no slice, since huge pages were to be made
 * where they could lie, have small pages there.
 *
 * Whatever goes wrong here (no address space, no huge pages) is no error: the C library is asked then. It is always
 * asked in programs with AddressSanitizer or LeakSanitizer, which would see neither that a slice is used after its end,
 * nor what it points to.
 *
 * One lock for all maps, which a fork() waits for: the helper of a map is not there in the child, and might have had
 * it. It is a leaf: who has it asks nobody but the kernel. Pages are made without it; the block stays meanwhile, as it
 * has a `maker`. One that a fork() left behind is known by his process, and nobody waits for him.
 */
#include <map_internal.h>

#include <sys/mman.h>

enum {
    HUGE_PAGE_BYTES = 1 << 21,
    /* No system has larger pages where they are not huge. */
    PAGE_BYTES_AT_MOST = 1 << 16,
    PAGE_BYTES_AT_LEAST = 1 << 12,
    /* Huge pages are not worth it where all tables together need less. */
    HUGE_MIN_BYTES = 2 * HUGE_PAGE_BYTES,
    /* Nor is a block, where there are many shards, and where one of them needs less. */
    BLOCK_MIN_BYTES = 1 << 16,
    SLICE_MIN_BYTES = 1 << 11,
    /* The slice that a table has which is soon to be left is smaller than so many times what it needs. */
    ASIDE_SLICES = 3,
    /* A block whose slices are used to this part only is one that the map is leaving. */
    LEFT_PART = 32,
    /* Free slices of a block that it is not leaving stay as they are up to this part of those that are used. */
    SPARE_PART = 16,
    /* Or one, unless somebody waits for all that was left behind: tables are replaced by others of their size. */
    SPARE_MIN = 1,
    SLICES_MAX = 2 * IM_MAP_MAX_SHARDS,
};

/* What a slice is. */
enum slice {
    SLICE_NEW,       /* in fresh memory */
    SLICE_USED,      /* somebody's */
    SLICE_LEFT,      /* free, and its memory is there */
    SLICE_GOING,     /* free; its memory goes back to the system, as long as the block has a maker */
    SLICE_GIVEN_BACK /* free, and where it lies there will be no huge pages */
};

/* At the end of its own memory. */
struct im_map_block {
    struct im_map_block *next; /* a younger one */
    unsigned char *memory;     /* the slices, the parts that are seldom used, and this header */
    size_t bytes;              /* of the whole */
    size_t huge_bytes;         /* from the start on: huge pages that are there, or may be made */
    size_t made_bytes;         /* those of them that are there */
    size_t slice_bytes;
    size_t seldom_at; /* the parts that are seldom used */
    size_t seldom_bytes;
    size_t slices, used_slices, left_slices;
    size_t to_come; /* tables that this block is being made for */
    uint32_t maker; /* the process in which somebody makes its next page, or gives some back; 0: nobody does */
    bool is_left;   /* no slice of it is given any more */
    uint8_t slice[SLICES_MAX]; /* enum slice */
};

static struct im_sync_mutex lock; /* of all blocks of all maps */

/* What one table needs. */
struct parts {
    size_t often, seldom; /* multiples of the alignment */
    size_t alignment;
    size_t shards;  /* that may need as much */
    size_t to_come; /* of these tables, huge pages are made for */
};

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

/* Fresh memory that starts at a page, or where a huge page may. NULL: none. */
static void *map_memory(size_t bytes, bool is_huge)
{
    const size_t spare = is_huge ? HUGE_PAGE_BYTES : 0;
    unsigned char *memory =
        mmap(NULL, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (!is_huge)
        return memory;
    const size_t before = round_up((uintptr_t)memory, HUGE_PAGE_BYTES) - (uintptr_t)memory;
    if (before)
        munmap(memory, before);
    munmap(memory + before + bytes, HUGE_PAGE_BYTES - before);
    return memory + before;
}

/* Whether the map has nothing in a block, and will not. */
static bool is_unused(const struct im_map_block *block)
{
    return block->used_slices == 0 && block->to_come == 0 && block->maker != im__map_process();
}

/* The unused blocks, which are the map's no more. Under the lock; to be unmapped without it, which takes long. */
static struct im_map_block *take_unused(struct im_raw_map *map)
{
    struct im_map_block *unused = NULL;
    for (struct im_map_block **link = &map->blocks, *block; (block = *link);) {
        if (!is_unused(block)) {
            link = &block->next;
            continue;
        }
        *link = block->next;
        block->next = unused;
        unused = block;
    }
    return unused;
}

static void unmap_all(struct im_map_block *block)
{
    for (struct im_map_block *next; block; block = next) {
        next = block->next;
        munmap(block->memory, block->bytes);
    }
}

/* Whether to use a slice is to wait for no huge page: all that it lies on are there, or it lies on none. */
static bool is_made(const struct im_map_block *block, size_t slice)
{
    const size_t begin = slice * block->slice_bytes, end = begin + block->slice_bytes;
    return end <= block->made_bytes || block->made_bytes == block->huge_bytes || begin >= block->huge_bytes;
}

/* Whether a slice was given before all huge pages that it lies on were there. */
static bool has_unmade(const struct im_map_block *block)
{
    for (size_t slice = block->made_bytes / block->slice_bytes; slice * block->slice_bytes < block->huge_bytes;
         slice++) {
        if (block->slice[slice] == SLICE_USED && !is_made(block, slice))
            return true;
    }
    return false;
}

static bool is_for_huge_pages(const struct parts *parts)
{
    return parts->often >= HUGE_MIN_BYTES / parts->shards;
}

static struct im_map_block *block_new(const struct parts *parts)
{
    const size_t slices = 2 * parts->shards;
    size_t often, seldom, bytes;
    if (__builtin_mul_overflow(slices, parts->often, &often) ||
        __builtin_mul_overflow(slices, parts->seldom, &seldom) || __builtin_add_overflow(often, seldom, &bytes) ||
        bytes > PTRDIFF_MAX / 2)
        return NULL;
    bytes = round_up(bytes, IM_CACHE_LINE_BYTES);
    const size_t header_at = bytes;
    bytes = round_up(bytes + sizeof(struct im_map_block), PAGE_BYTES_AT_MOST);
    const size_t huge_bytes = is_for_huge_pages(parts) ? round_down(often / 2, HUGE_PAGE_BYTES) : 0;
    unsigned char *memory = map_memory(bytes, huge_bytes > 0);
    if (!memory)
        return NULL;
    if (huge_bytes > 0 && madvise(memory, huge_bytes, MADV_HUGEPAGE) != 0) {
        munmap(memory, bytes);
        return NULL;
    }
    struct im_map_block *block = (void *)(memory + header_at);
    block->memory = memory;
    block->bytes = bytes;
    block->huge_bytes = huge_bytes;
    block->slice_bytes = parts->often;
    block->seldom_at = often;
    block->seldom_bytes = parts->seldom;
    block->slices = slices;
    block->to_come = parts->to_come;
    return block;
}

/*
 * Whether there is a table for the next huge page, or those to come, but for those with a free slice of huge pages that
 * are there, would fill half of it.
 */
static bool lacks_pages(const struct im_map_block *block)
{
    size_t free = 0;
    if (has_unmade(block))
        return true;
    for (size_t slice = 0; slice * block->slice_bytes < block->made_bytes; slice++)
        free += block->slice[slice] != SLICE_USED && is_made(block, slice);
    return block->made_bytes < block->huge_bytes && free < block->to_come &&
           (block->to_come - free) * block->slice_bytes >= HUGE_PAGE_BYTES / 2;
}

/* Of the pages that are there, up to the last table; all as long as more tables are to come, or the map leaves. */
static size_t needed_bytes(const struct im_map_block *block)
{
    size_t slices = block->slices;
    if (block->to_come > 0 || block->next || has_unmade(block))
        return block->made_bytes;
    while (slices > 0 &&
           (block->slice[slices - 1] != SLICE_USED || (slices - 1) * block->slice_bytes >= block->made_bytes))
        slices--;
    const size_t needed = round_up(slices * block->slice_bytes, PAGE_BYTES_AT_MOST);
    return needed < block->made_bytes ? needed : block->made_bytes;
}

/* Whether much of it was used, and is not any more. Not as long as more tables are to come, or when the map leaves. */
static bool has_too_much_left(const struct im_map_block *block, size_t spare_min)
{
    const size_t spare = block->used_slices / SPARE_PART;
    return block->to_come == 0 && !block->next && !block->is_left &&
           block->left_slices > (spare > spare_min ? spare : spare_min);
}

/* See that page work finds what there is to do, now or when no shard grows. Under the lock. */
static void note_page_work(struct im_raw_map *map)
{
    const struct im_map_block *block = map->blocks;
    while (block && !lacks_pages(block) && needed_bytes(block) == block->made_bytes &&
           !has_too_much_left(block, SPARE_MIN))
        block = block->next;
    im_sync_store(&map->page_work, block != NULL, memory_order_relaxed);
}

/* Make no pages for tables that are not there, and keep no block for their sake. Under the lock. */
static void expect_none(struct im_raw_map *map)
{
    for (struct im_map_block *block = map->blocks; block; block = block->next)
        block->to_come = 0;
}

void im__map_memory_expect_none(struct im_raw_map *map)
{
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    expect_none(map);
    struct im_map_block *unused = take_unused(map);
    note_page_work(map);
    im_sync_mutex_unlock(&lock);
    unmap_all(unused);
    errno = saved_errno;
}

/* The block with slices of this size, in which there may be none. NULL: no memory for one. Under the lock. */
static struct im_map_block *block_for(struct im_raw_map *map, const struct parts *parts)
{
    struct im_map_block **link = &map->blocks;
    for (; *link; link = &(*link)->next) {
        if ((*link)->slice_bytes == parts->often && (*link)->slices == 2 * parts->shards && !(*link)->is_left)
            return *link;
    }
    struct im_map_block *block = block_new(parts);
    if (!block)
        return NULL;
    expect_none(map);
    *link = block;
    note_page_work(map);
    return block;
}

/*
 * A store that changes nothing, whatever others do there at the same time: what is not 0 was stored to before. One
 * instruction, or a pair that fails when somebody comes between. To C that is a race all the same, and so
 * ThreadSanitizer is not told. (clang drops an `or` of 0.)
 */
static __attribute__((no_sanitize("thread"))) void touch(unsigned char *byte)
{
    unsigned char nothing = 0;
    (void)im_sync_compare_exchange(byte, &nothing, 0, memory_order_relaxed, memory_order_relaxed);
}

/*
 * The kernel gives a page to the first who stores to it. By no call, which would hold the lock of the address space,
 * for which each mmap() waits: byte by byte of the finest pages, in case that there is no huge one. What is there
 * stays, as there may be a table: each is one instruction, which changes nothing.
 */
static void make_page(unsigned char *page)
{
    for (size_t at = 0; at < HUGE_PAGE_BYTES; at += PAGE_BYTES_AT_LEAST)
        touch(&page[at]);
}

/* See that where huge pages are, or might be, there will be none, from `begin` to `end` and in what they share a page with. */
static void forbid_huge_pages(const struct im_map_block *block, size_t begin, size_t end, size_t huge_end)
{
    begin = round_down(begin, HUGE_PAGE_BYTES);
    end = round_up(end, HUGE_PAGE_BYTES);
    end = end < huge_end ? end : huge_end;
    if (begin < end)
        (void)madvise(block->memory + begin, end - begin, MADV_NOHUGEPAGE);
}

static void give_back_bytes(const struct im_map_block *block, size_t begin, size_t end)
{
    if (begin < end)
        (void)madvise(block->memory + begin, end - begin, MADV_DONTNEED);
}

/* The memory of slices side by side, as far as they have pages to themselves. */
static void give_back(const struct im_map_block *block, size_t first, size_t end)
{
    give_back_bytes(block, round_up(first * block->slice_bytes, PAGE_BYTES_AT_MOST),
                    round_down(end * block->slice_bytes, PAGE_BYTES_AT_MOST));
}

/* What the maker of a block does: make a page at `begin`, give back from there to `end`, or give back what slices had. */
struct page_work {
    struct im_map_block *block; /* NULL: there is nothing to do */
    bool makes, gives_slices;
    size_t begin, end, huge_end;
};

/* A slice is free, and nobody takes it until it has gone. */
static void let_go(struct im_map_block *block, size_t slice)
{
    block->left_slices -= block->slice[slice] == SLICE_LEFT;
    block->slice[slice] = SLICE_GOING;
}

/* All free slices that overlap these bytes. */
static void let_bytes_go(struct im_map_block *block, size_t begin, size_t end)
{
    for (size_t slice = begin / block->slice_bytes; slice * block->slice_bytes < end; slice++) {
        if (block->slice[slice] != SLICE_USED)
            let_go(block, slice);
    }
}

static void let_left_ones_go(struct im_map_block *block)
{
    for (size_t slice = 0; slice < block->slices; slice++) {
        if (block->slice[slice] == SLICE_LEFT)
            let_go(block, slice);
    }
}

static void have_gone(struct im_map_block *block)
{
    for (size_t slice = 0; slice < block->slices; slice++) {
        if (block->slice[slice] == SLICE_GOING)
            block->slice[slice] = SLICE_GIVEN_BACK;
    }
}

/* What one may do now. Slices that were left stay while shards grow: then tables come that may use them. */
static struct page_work find_page_work(const struct im_raw_map *map, bool makes)
{
    struct page_work work = {.block = map->blocks};
    for (; work.block; work.block = work.block->next) {
        work.begin = needed_bytes(work.block);
        work.end = work.block->made_bytes;
        work.huge_end = work.block->huge_bytes;
        work.makes = makes && lacks_pages(work.block);
        work.gives_slices = !work.makes && work.begin == work.end &&
                            has_too_much_left(work.block, makes ? SPARE_MIN : 0) && !im__map_grows(map);
        if (work.makes || work.gives_slices || work.begin < work.end)
            return work;
    }
    return work;
}

/* Be the maker of a block. Under the lock. */
static struct page_work begin_page_work(struct im_raw_map *map, bool makes)
{
    const struct page_work work = find_page_work(map, makes);
    struct im_map_block *block = work.block;
    if (!block || block->maker == im__map_process()) {
        note_page_work(map);
        return (struct page_work){0};
    }
    block->maker = im__map_process();
    if (work.gives_slices) {
        let_left_ones_go(block);
    } else if (work.begin < work.end) {
        /* From here on there are no huge pages any more. */
        let_bytes_go(block, work.begin, work.huge_end);
        block->made_bytes = block->huge_bytes = work.begin;
    }
    return work;
}

/* Some of the slices that go, from `*first` on, as many as are side by side; up to `*end`. False: no more of them. */
static bool next_that_go(const struct im_map_block *block, size_t *first, size_t *end)
{
    im_sync_mutex_lock(&lock);
    while (*first < block->slices && block->slice[*first] != SLICE_GOING)
        ++*first;
    for (*end = *first; *end < block->slices && block->slice[*end] == SLICE_GOING;)
        ++*end;
    im_sync_mutex_unlock(&lock);
    return *first < *end;
}

/* Without the lock. */
static void do_page_work(const struct page_work *work)
{
    const struct im_map_block *block = work->block;
    if (work->makes) {
        make_page(block->memory + work->begin);
    } else if (!work->gives_slices) {
        forbid_huge_pages(block, work->begin, work->huge_end, work->huge_end);
        give_back_bytes(block, work->begin, work->end);
    }
    for (size_t first = 0, end; work->gives_slices && next_that_go(block, &first, &end); first = end) {
        forbid_huge_pages(block, first * block->slice_bytes, end * block->slice_bytes, work->huge_end);
        give_back(block, first, end);
    }
}

static bool do_some_page_work(struct im_raw_map *map, bool makes)
{
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    const struct page_work work = begin_page_work(map, makes);
    im_sync_mutex_unlock(&lock);
    if (!work.block)
        return false;
    do_page_work(&work);
    im_sync_mutex_lock(&lock);
    if (work.makes)
        work.block->made_bytes += HUGE_PAGE_BYTES;
    have_gone(work.block);
    work.block->maker = 0;
    struct im_map_block *unused = take_unused(map);
    /* The last tables may have come meanwhile, when there was nothing to give back yet. */
    note_page_work(map);
    im_sync_mutex_unlock(&lock);
    unmap_all(unused);
    errno = saved_errno;
    return true;
}

bool im__map_memory_do_page_work(struct im_raw_map *map)
{
    /* Relaxed: who wants some tells so before he asks for them. */
    return im_sync_load(&map->page_work, memory_order_relaxed) && do_some_page_work(map, true);
}

void im__map_memory_give_back(struct im_raw_map *map)
{
    while (do_some_page_work(map, false))
        continue;
}

/* Whether it is free, and who uses it waits for no huge page, unless he may. */
static bool can_be_taken(const struct im_map_block *block, size_t slice, bool may_wait)
{
    switch ((enum slice)block->slice[slice]) {
    case SLICE_NEW:
        return may_wait || is_made(block, slice);
    case SLICE_LEFT:
    case SLICE_GIVEN_BACK:
        return true;
    case SLICE_GOING:
        /* Left so by a fork(): it does not go any more. */
        return block->maker != im__map_process();
    default:
        return false;
    }
}

/* One that waits for no huge page, unless its user may wait. NULL: there is none. Under the lock. */
static void *take_slice(struct im_map_block *block, bool may_wait, void **seldom)
{
    size_t slice = 0;
    /* Nothing goes back as long as tables are to come. */
    may_wait = may_wait && block->to_come > 0;
    while (slice < block->slices && !can_be_taken(block, slice, may_wait))
        slice++;
    if (slice == block->slices)
        return NULL;
    block->left_slices -= block->slice[slice] == SLICE_LEFT;
    block->slice[slice] = SLICE_USED;
    block->used_slices++;
    *seldom = block->memory + block->seldom_at + slice * block->seldom_bytes;
    return block->memory + slice * block->slice_bytes;
}

/* Have small pages where huge ones might still be made, if that is for nobody. False: there are none. Under the lock. */
static bool give_up_pages(struct im_map_block *block)
{
    if (block->to_come > 0 || block->maker == im__map_process() || block->made_bytes == block->huge_bytes ||
        has_unmade(block))
        return false;
    forbid_huge_pages(block, block->made_bytes, block->huge_bytes, block->huge_bytes);
    block->huge_bytes = block->made_bytes;
    return true;
}

/* A slice of the map's block for such tables. NULL: none is to be had. */
static void *slice_new(struct im_raw_map *map, const struct parts *parts, bool may_wait, void **seldom)
{
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    watch_forks();
    struct im_map_block *block = block_for(map, parts);
    void *memory = block ? take_slice(block, may_wait, seldom) : NULL;
    if (block && !memory && give_up_pages(block))
        memory = take_slice(block, may_wait, seldom);
    if (block && block->to_come > 0) {
        block->to_come--;
        note_page_work(map);
    }
    struct im_map_block *unused = take_unused(map);
    im_sync_mutex_unlock(&lock);
    unmap_all(unused);
    errno = saved_errno;
    return memory;
}

/* The block with the smallest slices that a table fits in, if they are not much too large; or NULL. Under the lock. */
static struct im_map_block *block_around(const struct im_raw_map *map, const struct parts *parts)
{
    struct im_map_block *best = NULL;
    for (struct im_map_block *block = map->blocks; block; block = block->next) {
        if (!block->is_left && block->slice_bytes >= parts->often && block->seldom_bytes >= parts->seldom &&
            block->slice_bytes < (best ? best->slice_bytes : ASIDE_SLICES * parts->often))
            best = block;
    }
    return best;
}

/* A slice of a block that tables are leaving. NULL: none is to be had. */
static void *slice_aside(const struct im_raw_map *map, const struct parts *parts, void **seldom)
{
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    struct im_map_block *block = block_around(map, parts);
    void *memory = block ? take_slice(block, false, seldom) : NULL;
    im_sync_mutex_unlock(&lock);
    errno = saved_errno;
    return memory;
}

static struct parts parts_of(size_t bytes, size_t seldom_bytes, size_t alignment, size_t shards, size_t to_come)
{
    return (struct parts){round_up(bytes, alignment), round_up(seldom_bytes, alignment), alignment, shards, to_come};
}

/* The same of each shard. */
static struct parts parts_for_all(const struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment)
{
    const size_t shards = (size_t)map->shard_mask + 1;
    return parts_of(bytes, seldom_bytes, alignment, shards, shards);
}

static bool is_for_block(const struct im_raw_map *map, const struct parts *parts)
{
    if (map->allocator || parts->often < SLICE_MIN_BYTES || is_watched())
        return false;
    if (is_for_huge_pages(parts))
        return parts->alignment <= HUGE_PAGE_BYTES;
    return parts->shards > 1 && parts->often >= BLOCK_MIN_BYTES / parts->shards &&
           parts->alignment <= PAGE_BYTES_AT_LEAST;
}

void im__map_memory_reserve(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment)
{
    const struct parts parts = parts_for_all(map, bytes, seldom_bytes, alignment);
    if (!is_for_block(map, &parts))
        return;
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    watch_forks();
    (void)block_for(map, &parts);
    im_sync_mutex_unlock(&lock);
    errno = saved_errno;
    while (im__map_memory_do_page_work(map))
        continue;
}

/* The C library's, or of the map's allocator. */
static void *memory_outside(const struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                            void **seldom)
{
    void *memory = im_allocate(map->allocator, bytes + seldom_bytes, alignment);
    *seldom = memory ? (unsigned char *)memory + bytes : NULL;
    return memory;
}

void *im__map_memory_new(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment, void **seldom)
{
    const struct parts parts = parts_for_all(map, bytes, seldom_bytes, alignment);
    void *memory = NULL;
    if (is_for_block(map, &parts)) {
        if (map->wanted_shards == 1 || map->synchronous)
            im__map_memory_reserve(map, bytes, seldom_bytes, alignment);
        memory = slice_new(map, &parts, false, seldom);
    }
    return memory ? memory : memory_outside(map, bytes, seldom_bytes, alignment, seldom);
}

void *im__map_memory_new_unready(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                                 void **seldom)
{
    const struct parts parts = parts_for_all(map, bytes, seldom_bytes, alignment);
    void *memory = is_for_block(map, &parts) ? slice_new(map, &parts, true, seldom) : NULL;
    return memory ? memory : memory_outside(map, bytes, seldom_bytes, alignment, seldom);
}

void *im__map_memory_new_aside(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                               void **seldom)
{
    const struct parts parts = parts_for_all(map, bytes, seldom_bytes, alignment);
    void *memory = is_for_block(map, &parts) ? slice_aside(map, &parts, seldom) : NULL;
    return memory ? memory : memory_outside(map, bytes, seldom_bytes, alignment, seldom);
}

void *im__map_memory_new_for_split(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                                   void **seldom)
{
    const struct parts parts = parts_of(bytes, seldom_bytes, alignment, (size_t)map->split_mask + 1, 0);
    void *memory = is_for_block(map, &parts) ? slice_new(map, &parts, false, seldom) : NULL;
    return memory ? memory : memory_outside(map, bytes, seldom_bytes, alignment, seldom);
}

/* The memory of all free slices, of a block of which none is given any more. Under the lock. */
static void give_back_all(const struct im_map_block *block)
{
    for (size_t first = 0, end; first < block->slices; first = end + 1) {
        end = first;
        while (end < block->slices && block->slice[end] != SLICE_USED)
            end++;
        give_back(block, first, end);
    }
}

/* The block that an address lies in, or NULL. */
static struct im_map_block *block_of(struct im_raw_map *map, const void *memory)
{
    struct im_map_block *block = map->blocks;
    while (block && (uintptr_t)memory - (uintptr_t)block->memory >= block->bytes)
        block = block->next;
    return block;
}

static size_t slice_of(const struct im_map_block *block, const void *memory)
{
    return ((uintptr_t)memory - (uintptr_t)block->memory) / block->slice_bytes;
}

void *im__map_memory_seldom_of(struct im_raw_map *map, void *memory, size_t bytes)
{
    im_sync_mutex_lock(&lock);
    const struct im_map_block *block = block_of(map, memory);
    void *seldom = block ? block->memory + block->seldom_at + slice_of(block, memory) * block->seldom_bytes
                         : (unsigned char *)memory + bytes;
    im_sync_mutex_unlock(&lock);
    return seldom;
}

bool im__map_memory_will_be_made(struct im_raw_map *map, const void *memory)
{
    if (!im_sync_load(&map->page_work, memory_order_relaxed))
        return false;
    im_sync_mutex_lock(&lock);
    const struct im_map_block *block = block_of(map, memory);
    const bool will_be = block && !is_made(block, slice_of(block, memory));
    im_sync_mutex_unlock(&lock);
    return will_be;
}

void im__map_memory_free(struct im_raw_map *map, void *memory, size_t bytes)
{
    if (map->allocator || bytes < SLICE_MIN_BYTES || is_watched()) {
        im_release(map->allocator, memory, bytes);
        return;
    }
    const int saved_errno = errno;
    im_sync_mutex_lock(&lock);
    struct im_map_block *block = block_of(map, memory);
    if (block) {
        const size_t slice = slice_of(block, memory);
        /* What waits for a page has less memory than it seems. */
        const bool is_there = is_made(block, slice);
        block->slice[slice] = is_there ? SLICE_LEFT : SLICE_NEW;
        block->left_slices += is_there;
        if (--block->used_slices <= block->slices / LEFT_PART) {
            block->to_come = 0;
            block->is_left = true;
        }
        if (has_too_much_left(block, SPARE_MIN))
            im_sync_store(&map->page_work, true, memory_order_relaxed);
    }
    struct im_map_block *unused = take_unused(map);
    if (block && block->is_left && block->used_slices > 0)
        give_back_all(block);
    im_sync_mutex_unlock(&lock);
    if (!block)
        im_release(NULL, memory, bytes);
    unmap_all(unused);
    errno = saved_errno;
}
