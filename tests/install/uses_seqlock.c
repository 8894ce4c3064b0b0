/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include <intermut/latch.h>
#include <intermut/seqlock.h>
#include <intermut/spin.h>

struct totals {
    long count, sum, squares;
};
typedef im_seqlock(struct totals) totals_cell;

enum { TIMES = 1000 };

static void *add(void *argument)
{
    const totals_cell *totals = argument;
    for (long i = 0; i < TIMES; i++)
        im_seqlock_update(totals, t, ((struct totals){t.count + 1, t.sum + i, t.squares + i * i}));
    return NULL;
}

int main(void)
{
    totals_cell totals = IM_SEQLOCK_INIT({0});
    im_latch(int) latch = IM_LATCH_INIT(1);
    im_spin(int) spin = IM_SPIN_INIT(2);
    pthread_t other;
    if (pthread_create(&other, NULL, add, &totals))
        return 1;
    add(&totals);
    pthread_join(other, NULL);
    return im_seqlock_load(&totals).count == 2 * TIMES && im_latch_load(&latch) + im_spin_load(&spin) == 3 ? 0 : 1;
}
