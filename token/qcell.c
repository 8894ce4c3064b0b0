/* SPDX-License-Identifier: MIT */
/* Where the ids of qcell owners come from. */
#include <intermut/qcell.h>

#include <intermut/sync.h>

/* How many ids are used. Relaxed: a number orders nothing, and no number is given out twice. */
static uint64_t used_ids;

static uint64_t id_of(uint64_t number)
{
    return 8 * number + 4;
}

int im_raw_qcell_owner_new(struct im_raw_owner *owner, const struct im_place *place)
{
    uint64_t number = im_sync_load(&used_ids, memory_order_relaxed);
    do {
        if (number == IM_RAW_QCELL_IDS)
            return EOVERFLOW;
    } while (
        !im_sync_compare_exchange_weak(&used_ids, &number, number + 1, memory_order_relaxed, memory_order_relaxed));
    im_raw_owner_make(owner, id_of(number), place);
    return 0;
}

void im_raw_qcell_owner_new_pinned(struct im_raw_owner *owner, const struct im_place *place)
{
    im_raw_owner_make(owner, (uintptr_t)owner, place);
}

void im_raw_qcell_use_ids(uint64_t count)
{
    im_sync_store(&used_ids, count, memory_order_relaxed);
}
