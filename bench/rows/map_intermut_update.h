/* SPDX-License-Identifier: MIT */
/* Atomic values: whoever finds a key may change its value where it is. */
static inline void map_update(struct map_adapter *adapter, uint64_t key, uint64_t value)
{
    u64_map_read_lock(&adapter->map);
    __auto_type found = u64_map_find(&adapter->map, key);
    if (found)
        im_atomic_store(found, value);
    u64_map_read_unlock(&adapter->map);
}
