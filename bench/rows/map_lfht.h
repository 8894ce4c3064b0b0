/* SPDX-License-Identifier: MIT */
/*
 * liburcu's lock-free hash table, for the RCU flavour whose header is included before.
 *
 * Always sized beforehand. Its automatic resizing (0.13.2) was seen to stop for good in a small table, after which each
 * insert walks all entries: "resize initiated" is noted after the worker was woken, so a quick worker's "done" is lost.
 * Values are changed in place, atomically. The read side is inlined (_LGPL_SOURCE).
 */
#include "bench.h"

#define MAP_CANNOT_GROW

#include <urcu/rculfhash.h>

struct node {
    struct cds_lfht_node link;
    struct rcu_head reclaim;
    uint64_t key;
    uint64_t value;
};

struct map_adapter {
    struct cds_lfht *table;
};

static struct node *node_of(struct cds_lfht_node *link)
{
    return caa_container_of(link, struct node, link);
}

static int has_key(struct cds_lfht_node *link, const void *key)
{
    return node_of(link)->key == *(const uint64_t *)key;
}

static void node_free(struct rcu_head *reclaim)
{
    free(caa_container_of(reclaim, struct node, reclaim));
}

static uint64_t power_of_two_from(uint64_t entries)
{
    uint64_t size = 1;
    while (size < entries)
        size *= 2;
    return size;
}

static void map_enter(void)
{
    rcu_register_thread();
}

static void map_leave(void)
{
    rcu_unregister_thread();
}

/* The helper thread for call_rcu starts here, where no core is pinned yet. */
static void map_open(struct map_adapter *map, uint64_t entries)
{
    map_enter();
    get_default_call_rcu_data();
    uint64_t size = power_of_two_from(entries);
    map->table = cds_lfht_new(size, size, size, 0, NULL);
    map_leave();
}

static inline struct node *find(struct map_adapter *map, uint64_t key, struct cds_lfht_iter *iterator)
{
    cds_lfht_lookup(map->table, bench_mix(key), has_key, &key, iterator);
    struct cds_lfht_node *link = cds_lfht_iter_get_node(iterator);
    return link ? node_of(link) : NULL;
}

static inline bool map_get(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    struct cds_lfht_iter iterator;
    rcu_read_lock();
    struct node *node = find(map, key, &iterator);
    if (node)
        *value = CMM_LOAD_SHARED(node->value);
    rcu_read_unlock();
    return node != NULL;
}

static inline void map_insert(struct map_adapter *map, uint64_t key, uint64_t value)
{
    struct node *node = malloc(sizeof(*node));
    if (!node)
        abort();
    cds_lfht_node_init(&node->link);
    node->key = key;
    node->value = value;
    rcu_read_lock();
    if (cds_lfht_add_unique(map->table, bench_mix(key), has_key, &key, &node->link) != &node->link)
        abort();
    rcu_read_unlock();
}

static inline void map_update(struct map_adapter *map, uint64_t key, uint64_t value)
{
    struct cds_lfht_iter iterator;
    rcu_read_lock();
    struct node *node = find(map, key, &iterator);
    if (node)
        CMM_STORE_SHARED(node->value, value);
    rcu_read_unlock();
}

static inline void map_remove(struct map_adapter *map, uint64_t key)
{
    struct cds_lfht_iter iterator;
    rcu_read_lock();
    struct node *node = find(map, key, &iterator);
    if (node && cds_lfht_del(map->table, &node->link) == 0)
        call_rcu(&node->reclaim, node_free);
    rcu_read_unlock();
}

static void remove_all(struct map_adapter *map)
{
    struct cds_lfht_iter iterator;
    struct node *node;
    map_enter();
    rcu_read_lock();
    cds_lfht_for_each_entry(map->table, &iterator, node, link)
    {
        if (cds_lfht_del(map->table, &node->link) == 0)
            call_rcu(&node->reclaim, node_free);
    }
    rcu_read_unlock();
    map_leave();
}

static void map_close(struct map_adapter *map)
{
    remove_all(map);
    if (cds_lfht_destroy(map->table, NULL) != 0)
        abort();
    rcu_barrier();
}
