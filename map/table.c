/* SPDX-License-Identifier: MIT */
/*
 * Tables: how large they are, and their memory.
 */
#include <map_internal.h>

#include <sys/mman.h>

enum {
    /*
     * A grace period costs some 50 us under load, which at least 8 removals share. At most 2,048, to bound the memory
     * held: in a map of 128 shards that is what is removed in 20 ms or more, the time of a grace period when a reader was
     * preempted in its section.
     */
    RETIRED_MIN = 8,
    RETIRED_MAX = 2048,
    /* Where one call into the kernel pays: what malloc() maps anew. The size of pages is that of the finest ones. */
    FAULT_IN_MIN_BYTES = 1 << 16,
    PAGE_BYTES = 4096,
};

/* Sizes of the parts of a table's allocation, in bytes. */
struct layout {
    size_t before; /* of its header: the slots */
    size_t bytes;  /* without the log */
    size_t log_bytes;
    size_t retired_limit;
    size_t alignment;
};

/* EOVERFLOW when a table of so many groups has no size. */
static int lay_out(const struct im_map_type *type, uint32_t group_bits, struct layout *layout)
{
    size_t alignment = type->slot_alignment > IM_CACHE_LINE_BYTES ? type->slot_alignment : IM_CACHE_LINE_BYTES;
    size_t slots = (size_t)IM_MAP_GROUP_SLOTS << group_bits, retired = slots / 8, slots_bytes, bytes;
    layout->retired_limit = retired < RETIRED_MIN ? RETIRED_MIN : retired > RETIRED_MAX ? RETIRED_MAX : retired;
    size_t retired_bytes = layout->retired_limit * sizeof(struct im_map_retired);
    if (group_bits >= 59 || __builtin_mul_overflow(slots, type->slot_bytes, &slots_bytes) ||
        __builtin_add_overflow(sizeof(struct im_map_table) + alignment + retired_bytes, slots, &bytes) ||
        __builtin_add_overflow(bytes, slots_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return EOVERFLOW;

    layout->alignment = alignment;
    layout->before = round_up(slots_bytes, alignment);
    layout->bytes = layout->before + sizeof(struct im_map_table) + slots;
    layout->log_bytes = retired_bytes;
    return 0;
}

static size_t bytes_in(const struct im_map_type *type, uint32_t group_bits)
{
    struct layout layout = {0};
    (void)lay_out(type, group_bits, &layout); /* it had a size when it was made */
    return layout.bytes + layout.log_bytes;
}

size_t im__map_table_bytes(const struct im_map_type *type, const struct im_map_table *table)
{
    const uintptr_t whole = whole_of(table);
    return bytes_in(type, table->group_bits) + (whole ? bytes_in(type, im_map_bits_of_word(whole)) : 0);
}

void im__map_table_reserve(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits)
{
    struct layout layout;
    if (lay_out(type, group_bits, &layout) == 0)
        im__map_memory_reserve(map, layout.bytes, layout.log_bytes, layout.alignment);
}

/* Of one that nobody else knows. */
static void clear(struct im_map_table *table)
{
    table->room = capacity_of(im_map_slots_of(table));
    for (size_t word = 0; word < groups_of(table) * IM_MAP_GROUP_WORDS; word++)
        im_sync_store(&table->control[word], UINT64_MAX, memory_order_relaxed);
}

typedef void *memory_source(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment, void **seldom);

/* Memory for such a table, which is not touched. */
static int allocate(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                    memory_source *memory_new, struct im_map_table **new_table, void **log)
{
    struct layout layout;
    int error = lay_out(type, group_bits, &layout);
    if (error)
        return error;
    unsigned char *memory = memory_new(map, layout.bytes, layout.log_bytes, layout.alignment, log);
    if (!memory)
        return ENOMEM;
    im_sync_fetch_add(&map->bytes, layout.bytes + layout.log_bytes, memory_order_relaxed);
    *new_table = (void *)(memory + layout.before);
    return 0;
}

/* What a table begins with, in its memory. */
static void fill_in(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits, void *log,
                    struct im_map_table *table)
{
    struct layout layout = {0};
    (void)lay_out(type, group_bits, &layout); /* it had a size when it was allocated */
    *table = (struct im_map_table){
        .group_bits = (uint16_t)group_bits,
        .retired_limit = (uint32_t)layout.retired_limit,
        .retired = log,
        .shadow = type->check ? im__map_shadow_new(map, type, (size_t)IM_MAP_GROUP_SLOTS << group_bits) : NULL,
    };
    clear(table);
    if (IM_UNLIKELY(table->shadow) && type->changes_in_place)
        im__map_table_listed(map, type, table);
}

static int table_new(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                     memory_source *memory_new, struct im_map_table **new_table)
{
    void *log;
    int error = allocate(map, type, group_bits, memory_new, new_table, &log);
    if (!error)
        fill_in(map, type, group_bits, log, *new_table);
    return error;
}

int im__map_table_new(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                      struct im_map_table **new_table)
{
    return table_new(map, type, group_bits, im__map_memory_new, new_table);
}

int im__map_table_new_aside(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                            struct im_map_table **new_table)
{
    return table_new(map, type, group_bits, im__map_memory_new_aside, new_table);
}

int im__map_table_new_for_split(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                                struct im_map_table **new_table)
{
    return table_new(map, type, group_bits, im__map_memory_new_for_split, new_table);
}

int im__map_table_new_unready(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                              uintptr_t *unready)
{
    struct im_map_table *table;
    void *log;
    int error = allocate(map, type, group_bits, im__map_memory_new_unready, &table, &log);
    if (!error)
        *unready = (uintptr_t)table | group_bits;
    return error;
}

/* By one call into the kernel, instead of one for each page. */
static void fault_in(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table,
                     uint32_t group_bits)
{
#ifdef MADV_POPULATE_WRITE
    struct layout layout = {0};
    (void)lay_out(type, group_bits, &layout);
    if (map->allocator || layout.bytes < FAULT_IN_MIN_BYTES)
        return;
    uintptr_t begin = (uintptr_t)table - layout.before, end = begin + layout.bytes;
    begin = round_up(begin, PAGE_BYTES);
    end -= end % PAGE_BYTES;
    int saved_errno = errno;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the pages that lie in the table as a whole
    (void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE); /* Linux before 5.14 does it page by page */
    errno = saved_errno;
#else
    (void)map, (void)type, (void)table, (void)group_bits;
#endif
}

void im__map_table_fault_in(const struct im_raw_map *map, const struct im_map_type *type,
                            const struct im_map_table *table)
{
    fault_in(map, type, table, table->group_bits);
}

void im__map_table_make_ready(struct im_raw_map *map, const struct im_map_type *type, uintptr_t unready)
{
    const uint32_t bits = im_map_bits_of_word(unready);
    struct im_map_table *table = im_map_view(unready).table;
    struct layout layout = {0};
    (void)lay_out(type, bits, &layout);
    fault_in(map, type, table, bits);
    fill_in(map, type, bits, im__map_memory_seldom_of(map, (unsigned char *)table - layout.before, layout.bytes),
            table);
}

void im__map_table_free_unready(struct im_raw_map *map, const struct im_map_type *type, uintptr_t unready)
{
    struct layout layout = {0};
    (void)lay_out(type, im_map_bits_of_word(unready), &layout); /* it had a size when it was made */
    im_sync_fetch_sub(&map->bytes, layout.bytes + layout.log_bytes, memory_order_relaxed);
    im__map_memory_free(map, (unsigned char *)im_map_view(unready).table - layout.before,
                        layout.bytes + layout.log_bytes);
}

void im__map_table_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table)
{
    if (IM_UNLIKELY(table->shadow)) {
        im__map_table_unlisted(table);
        im__map_shadow_free(table->shadow);
    }
    im__map_table_free_unready(map, type, word_of(table));
}

/* The size of a table that holds so many keys: EOVERFLOW when there is none. */
int im__map_bits_for(size_t length, uint32_t *group_bits)
{
    for (uint32_t bits = 0; bits < 59; bits++) {
        if (capacity_in(bits) >= length) {
            *group_bits = bits;
            return 0;
        }
    }
    return EOVERFLOW;
}

uint32_t im__map_bits_of(size_t power_of_two_at_least)
{
    uint32_t bits = 0;
    while ((size_t)1 << bits < power_of_two_at_least)
        bits++;
    return bits;
}
