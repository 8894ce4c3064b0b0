/* SPDX-License-Identifier: MIT */
/*
 * What waits for a grace period, and ends after it: retired slots, and tables that were left behind.
 */
#include <map_internal.h>

#include <unistd.h>

enum {
    /* Up to 4,096 slots are copied in less time than a grace period takes under load. */
    COPIED_MAX_BITS = 8,
    /* What may be left behind without a wait: so many bytes, or this part of all tables. */
    LEFT_BEHIND_BYTES = 1 << 16,
    LEFT_BEHIND_PART = 64,
    /* Writers wait themselves when the helper is so many times behind. */
    LEFT_BEHIND_LIMITS = 16,
};

/* Not inside a read section, nor with anything locked that a reader could wait for. */
void im__map_synchronize(struct im_raw_map *map, const struct im_map_type *type)
{
    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns(), none = 0;
    struct im_map_wait wait = {.map = map, .type = type, .began_ns = began_ns};
    /* For im_raw_map_stats(); of several at once the first is shown. */
    bool shown =
        im_sync_compare_exchange(&map->grace_began_ns, &none, began_ns, memory_order_relaxed, memory_order_relaxed);
    im__map_wait_begins(&wait);
    type->rcu->synchronize();
    im__map_wait_ends(&wait);
    if (shown)
        im_sync_store(&map->grace_began_ns, 0, memory_order_relaxed);
    raise_to(&map->longest_grace_ns, im_sync_now_ns() - began_ns);
    im_sync_cancel_restore(cancel_state);
}

static void drop_retired(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table)
{
    if (!type->drop_slot && !table->shadow)
        return;
    const size_t end = im_sync_load(&table->retirements, memory_order_relaxed) / 2;
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++) {
        const struct im_map_retired *retired = &table->retired[i % table->retired_limit];
        if (IM_UNLIKELY(table->shadow))
            im__map_shadow_compare(table, retired->slot, "when it ended");
        if (type->drop_slot)
            type->drop_slot(im_map_slot(table, retired->slot, type->slot_bytes), retired->drop, map->allocator);
        if (IM_UNLIKELY(table->shadow))
            im__map_shadow_forget(table, retired->slot, 1);
    }
}

static void drop_used(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table,
                      enum im_map_parts drop)
{
    for (size_t slot = 0; type->drop_slot && drop && slot < im_map_slots_of(table); slot++) {
        if (im_map_control_is_full(im_map_control_byte(table, slot)))
            type->drop_slot(im_map_slot(table, slot, type->slot_bytes), drop, map->allocator);
    }
}

/* End a table that no reader looks at any more, and the `ends` parts of what is in use there. */
void im__map_end_table(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table,
                       enum im_map_parts ends)
{
    drop_retired(map, type, table);
    if (IM_UNLIKELY(table->shadow))
        im__map_shadow_compare_used(table, ends ? "when it ended" : "after its table was copied: the change is lost");
    drop_used(map, type, table, ends);
    if (IM_UNLIKELY(table->shadow))
        im__map_shadow_forget(table, 0, im_map_slots_of(table));
    im__map_table_free(map, type, table);
}

/* Whether nothing ends with a table but its memory, and that is the C library's: any thread may do it. */
static bool is_for_helper(const struct im_raw_map *map, const struct im_map_type *type,
                          const struct im_map_table *table, enum im_map_parts ends)
{
    return !map->allocator && !(type->drop_slot && (ends || retired_count_of(table) > 0));
}

static size_t left_behind_limit(const struct im_raw_map *map)
{
    size_t part = im_sync_load(&map->bytes, memory_order_relaxed) / LEFT_BEHIND_PART;
    return part > LEFT_BEHIND_BYTES ? part : LEFT_BEHIND_BYTES;
}

/* The same later: readers may be looking at it. */
void im__map_leave_behind(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts ends)
{
    struct im_raw_map *map = write->map;
    struct im_map_table **list = is_for_helper(map, type, table, ends) ? &map->for_helper : &map->left_behind;
    const size_t bytes = im__map_table_bytes(type, table);
    size_t waiting = im_sync_fetch_add(&map->left_behind_bytes, bytes, memory_order_relaxed) + bytes;
    if (waiting > left_behind_limit(map))
        write->left_too_much_behind = true;
    table->ends = (uint16_t)ends;
    table->next = im_sync_load(list, memory_order_relaxed);
    /* Release: pairs with the acquire in end_left_behind(), which looks into the table. */
    while (!im_sync_compare_exchange(list, &table->next, table, memory_order_release, memory_order_relaxed))
        continue;
}

/* End all tables of a list, which were left behind before, after their last reader. With nothing locked. */
static void end_left_behind(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table **list)
{
    /* Acquire: pairs with the release in im__map_leave_behind(). */
    struct im_map_table *table = im_sync_exchange(list, NULL, memory_order_acquire);
    if (!table)
        return;
    int cancel_state = im_sync_cancel_disable();
    im__map_synchronize(map, type);
    while (table) {
        struct im_map_table *next = table->next;
        im_sync_fetch_sub(&map->left_behind_bytes, im__map_table_bytes(type, table), memory_order_relaxed);
        im__map_end_table(map, type, table, table->ends);
        table = next;
    }
    im_sync_cancel_restore(cancel_state);
}

/*
 * The helper: a thread that waits for grace periods, so that the writers who leave tables behind need not. It lives as
 * long as there is more than the limit. What ends by a callback is not for it: that may look at maps of a flavour that
 * it is not registered with.
 */
struct helper {
    struct im_raw_map *map;
    const struct im_map_type *type;
};

static void help(void *argument)
{
    const struct helper *given = argument;
    struct im_raw_map *map = given->map;
    const struct im_map_type *type = given->type;
    im_release(NULL, argument, sizeof(struct helper));
    do {
        end_left_behind(map, type, &map->for_helper);
    } while (im_sync_load(&map->for_helper, memory_order_relaxed) &&
             im_sync_load(&map->left_behind_bytes, memory_order_relaxed) > left_behind_limit(map));
    /* Release: it is done with the map; pairs with the acquire in await_helper(). */
    im_sync_store(&map->helper, 0, memory_order_release);
    im_sync_wake(&map->helper, IM_SYNC_ALL);
}

/* A helper of another process, which this one was forked from, is not here. What it had taken is lost. */
static uint32_t this_process(void)
{
    return (uint32_t)getpid();
}

/* Whether there is a helper now, or was one already. */
static bool start_helper(struct im_raw_map *map, const struct im_map_type *type)
{
    const uint32_t here = this_process();
    uint32_t process = im_sync_load(&map->helper, memory_order_relaxed);
    do {
        if (process == here)
            return true;
        /* Acquire: a helper before this one is done; pairs with the release in help(). */
    } while (!im_sync_compare_exchange(&map->helper, &process, here, memory_order_acquire, memory_order_relaxed));
    struct helper *helper = im_allocate(NULL, sizeof *helper, sizeof(void *));
    if (helper)
        *helper = (struct helper){map, type};
    if (helper && im_sync_start_thread(help, helper) == 0)
        return true;
    im_release(NULL, helper, sizeof *helper);
    im_sync_store(&map->helper, 0, memory_order_release);
    im_sync_wake(&map->helper, IM_SYNC_ALL);
    return false;
}

/* Until the map may go away. The helper may be waiting for us. */
static void await_helper(const struct im_raw_map *map, const struct im_map_type *type)
{
    bool was_online = type->rcu->offline();
    const uint32_t here = this_process();
    /* Acquire: pairs with the release in help(). */
    while (im_sync_load(&map->helper, memory_order_acquire) == here)
        im_sync_wait(&map->helper, here, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}

/* Too much was left behind, or a change shall wait for all that was. */
IM_COLD void im__map_clean_up_behind(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    end_left_behind(map, type, &map->left_behind);
    size_t waiting = im_sync_load(&map->left_behind_bytes, memory_order_relaxed);
    if (write->waits || waiting > LEFT_BEHIND_LIMITS * left_behind_limit(map) || !start_helper(map, type))
        end_left_behind(map, type, &map->for_helper);
    if (write->waits)
        await_helper(map, type);
}

/* Whether a copy of the table, with the retired slots left behind, costs less than a grace period. */
static bool is_better_copied(const struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = im_map_writers_table(write);
    return !type->changes_in_place && table->group_bits <= COPIED_MAX_BITS && !write->map->synchronous &&
           is_for_helper(write->map, type, table, IM_MAP_NO_PART);
}

void im_raw_map_prepare_retire(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = im_map_writers_table(write);
    if (!im_map_is_log_full(table))
        return;
    if (!is_better_copied(write, type) || im__map_rebuild(write, type, table->group_bits) != 0)
        im_raw_map_reclaim(write, type);
}

/* A retired slot that no reader looks at any more. */
static void free_slot(struct im_map_table *table, size_t slot)
{
    /* I2: a group that still has an empty slot was never full. */
    if (im_map_group_match_empty(group_of_slot(table, slot))) {
        set_control(table, slot, IM_MAP_EMPTY);
        table->room++;
    } else {
        set_control(table, slot, IM_MAP_DELETED);
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) + 1, memory_order_relaxed);
    }
}

void im_raw_map_reclaim(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_table *table = im_map_writers_table(write);
    if (!table || retired_count_of(table) == 0)
        return;
    int cancel_state = im_sync_cancel_disable();
    im__map_synchronize(write->map, type);
    drop_retired(write->map, type, table);
    const size_t end = im_sync_load(&table->retirements, memory_order_relaxed) / 2;
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++)
        free_slot(table, table->retired[i % table->retired_limit].slot);
    im_sync_store(&table->reclaimed, end, memory_order_relaxed);
    im_sync_cancel_restore(cancel_state);
}
