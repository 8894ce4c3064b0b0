/* SPDX-License-Identifier: MIT */
/*
 * Row A3: what a thread did before its store is visible to whoever loads that value, by the default orders.
 *
 * ThreadSanitizer is the judge: a plain payload goes from one thread to the other behind each kind of store and load.
 * Twin, in sanitizer builds: relaxed orders. The payload itself is compared too, in all builds.
 */
#include "stress.h"

#ifdef STRESS_BROKEN_TWIN
#define STORE(object, value) im_atomic_store_explicit(object, value, memory_order_relaxed)
#define LOAD(object) im_atomic_load_explicit(object, memory_order_relaxed)
#define SWAP(object, value) im_atomic_swap_explicit(object, value, memory_order_relaxed)
#define ADD(object, value) im_atomic_fetch_add_explicit(object, value, memory_order_relaxed)
#define CAS(object, expected, value) im_atomic_compare_exchange_explicit(object, expected, value, memory_order_relaxed)
#include "tsan_report.h"
#else
#define STORE im_atomic_store
#define LOAD im_atomic_load
#define SWAP im_atomic_swap
#define ADD im_atomic_fetch_add
#define CAS im_atomic_compare_exchange
#endif

typedef im_atomic(uint32_t) turn_cell;

/* Two threads take turns; `turn` says whose it is, and whose payload is whose goes with it. */
static turn_cell turn;
static uint64_t payload;
static uint64_t rounds;

static void give_turn(uint32_t from, uint64_t round)
{
    uint32_t expected = from;
    switch (round % 4) {
    case 0:
        STORE(&turn, !from);
        break;
    case 1:
        (void)SWAP(&turn, !from);
        break;
    case 2:
        (void)ADD(&turn, from ? (uint32_t)-1 : 1);
        break;
    default:
        if (!CAS(&turn, &expected, !from))
            stress_violation("compare_exchange failed without a reason");
    }
}

static void *play(void *argument)
{
    const uint32_t me = argument != NULL;
    for (uint64_t round = me; round < rounds; round += 2) {
        /* On a busy machine each yield takes milliseconds. */
        for (unsigned looks = 1; LOAD(&turn) != me; looks++) {
            if (looks % 256 == 0)
                im_sync_yield();
        }
        if (payload != round)
            stress_violation("round %lu: payload is %lu", (unsigned long)round, (unsigned long)payload);
        payload++;
        give_turn(me, round / 2);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    rounds = stress_operations(10000, stress_scale(argc, argv));
    stress_start(&other, play, &other);
    play(NULL);
    pthread_join(other, NULL);
    return stress_verdict();
}
