/* SPDX-License-Identifier: MIT */
/*
 * Values that change in place: how changes are stopped, and allowed again.
 */
#include <map_internal.h>

void im__map_pause_changes(struct im_raw_map *map, const struct im_map_type *type)
{
    /* Relaxed: the grace period makes it visible to every section that begins after it, and waits for all others. */
    im_sync_fetch_add(&map->phase, 1, memory_order_relaxed);
    im__map_synchronize(map, type);
}

bool im__map_resume_changes(struct im_raw_map *map)
{
    /*
     * Release: who sees changes allowed sees the key gone that was removed by a decision; pairs with the acquire in
     * NAME_try_read_lock(). After growth there is no need for it: a section that sees changes allowed cannot have been
     * there before the grace period that followed the publication, or that would have waited for it; so it sees the new
     * table, by RCU's own guarantee.
     */
    if (im_sync_fetch_sub(&map->phase, 1, memory_order_release) != 1)
        return true;
    return im_sync_wake(&map->phase, IM_SYNC_ALL) > 0;
}

void im_raw_map_hold_values(struct im_map_write *write, const struct im_map_type *type)
{
    lock_offline(&write->map->deciding, type);
    im__map_pause_changes(write->map, type);
}

void im_raw_map_let_values_go(struct im_map_write *write)
{
    (void)im__map_resume_changes(write->map);
    im_map_lock_give(&write->map->deciding);
}

void im_raw_map_wait_for_phase(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site)
{
    if (im_map_is_writing(map))
        im_panic(site, (struct im_site){0},
                 "map: read section of a %s opened in a callback of its own change: it would wait for itself",
                 type->name);
    bool was_online = type->rcu->offline();
    uint32_t phase;
    /* Relaxed: only the number itself matters; the section that is tried next looks at it again. */
    while ((phase = im_sync_load(&map->phase, memory_order_relaxed)) != 0)
        im_sync_wait(&map->phase, phase, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}
