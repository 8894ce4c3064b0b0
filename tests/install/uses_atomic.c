/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdint.h>

#include <intermut/atomic_wait.h>
#include <intermut/shared_mem.h>

struct totals {
    uint64_t count, sum, squares;
};
typedef im_atomic(uint64_t) counter;
typedef im_atomic(struct totals) totals_cell;

enum { TIMES = 1000 };

static counter hits = IM_ATOMIC_INIT(0);
static totals_cell totals;

static void *count(void *unused)
{
    for (uint64_t i = 0; i < TIMES; i++) {
        im_atomic_fetch_add(&hits, 1);
        im_atomic_fetch_update(&totals, t, (struct totals){t.count + 1, t.sum + i, t.squares + i * i});
    }
    im_atomic_wake_all(&hits);
    return unused;
}

int main(void)
{
    struct im_shared_mem *memory;
    pthread_t other;
    if (im_shared_mem_create(64, &memory) || pthread_create(&other, NULL, count, NULL))
        return 1;
    count(NULL);
    uint64_t all = im_atomic_wait_while(&hits, n, n < 2 * TIMES);
    pthread_join(other, NULL);
    int error = im_shared_mem_write_bytes(memory, 0, sizeof all, &all);
    im_shared_mem_destroy(memory);
    return error || all != 2 * TIMES || im_atomic_load(&totals).count != 2 * TIMES;
}
