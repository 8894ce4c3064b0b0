/* SPDX-License-Identifier: MIT */
/*
 * im_atomic: the orders that its operations have when none is named, and updates that lose nothing.
 */
#include <im_model.h>
#include <intermut/atomic.h>

typedef im_atomic(uint32_t) counter;
typedef im_atomic(double) real;
typedef im_atomic(bool) flag;

struct point {
    int16_t x, y;
};
typedef im_atomic(struct point) place;

static counter count;
static flag up;
static real sum;
static place here;
static int data, runs;

static void init(void)
{
    count.im_value = 0;
    up.im_value = false;
    sum.im_value = 0;
    here.im_value = (struct point){0, 0};
    data = runs = 0;
}

static void check_data(void) { im_model_check(data == 1, "data is %d", data); }

/* ------------------------------------------------------------------------------------------ message passing by each */

static void send_store(void) { data = 1, im_atomic_store(&count, 1); }
static void send_swap(void) { data = 1, im_atomic_swap(&count, 1); }
static void send_add(void) { data = 1, im_atomic_fetch_add(&count, 1); }
static void send_update(void) { data = 1, im_atomic_fetch_update(&count, n, n + 1); }
static void send_flag(void) { data = 1, im_atomic_fetch_not(&up); }

static void send_exchange(void)
{
    uint32_t none = 0;
    data = 1;
    im_atomic_compare_exchange(&count, &none, 1);
}

static void receive_load(void)
{
    if (im_atomic_load(&count))
        check_data();
}

static void receive_swap(void)
{
    if (im_atomic_swap(&count, 7))
        check_data();
}

static void receive_take(void)
{
    if (im_atomic_take(&count))
        check_data();
}

static void receive_max(void)
{
    if (im_atomic_fetch_max(&count, 0))
        check_data();
}

static void receive_try(void)
{
    if (im_atomic_try_update(&count, n, n > 0, n - 1))
        check_data();
}

static void receive_failure(void)
{
    uint32_t seen = 0;
    if (!im_atomic_compare_exchange(&count, &seen, 5) && seen == 1)
        check_data();
}

static void receive_flag(void)
{
    if (im_atomic_load(&up))
        check_data();
}

#define PASSES(name, sender, receiver) \
    IM_MODEL_HARNESS(name, #sender " is seen whole by " #receiver, .init = init, .threads = {sender, receiver})

PASSES(store_load, send_store, receive_load)
PASSES(store_swap, send_store, receive_swap)
PASSES(store_take, send_store, receive_take)
PASSES(store_max, send_store, receive_max)
PASSES(store_try, send_store, receive_try)
PASSES(store_failure, send_store, receive_failure)
PASSES(swap_load, send_swap, receive_load)
PASSES(add_load, send_add, receive_load)
PASSES(update_load, send_update, receive_load)
PASSES(exchange_load, send_exchange, receive_load)
PASSES(not_load, send_flag, receive_flag)

/* ----------------------------------------------------------------------------------------------- nothing is lost */

static void add_one(void) { im_atomic_fetch_add(&count, 1); }
static void update_one(void) { im_atomic_fetch_update(&count, n, n + 1); }
static void add_real(void) { im_atomic_fetch_add(&sum, 1.5); }
static void move_x(void) { im_atomic_fetch_update(&here, p, ((struct point){(int16_t)(p.x + 1), p.y})); }
static void move_y(void) { im_atomic_fetch_update(&here, p, ((struct point){p.x, (int16_t)(p.y + 1)})); }

static void three(void) { im_model_check(im_atomic_load(&count) == 3, "count is %u", im_atomic_load(&count)); }

static void four_and_a_half(void)
{
    double total = im_atomic_load(&sum);
    im_model_check(total > 4.4 && total < 4.6, "sum is %g", total);
}

static void moved_both(void)
{
    struct point p = im_atomic_load(&here);
    im_model_check(p.x == 1 && p.y == 1, "at %d %d", p.x, p.y);
}

static void take_one(void)
{
    if (im_atomic_try_update(&count, n, n > 0, n - 1))
        im_sync_fetch_add(&runs, 1, memory_order_relaxed);
}

static void one_taken(void) { im_model_check(runs == 1 && im_atomic_load(&count) == 0, "taken %d times", runs); }

static void init_one(void)
{
    init();
    count.im_value = 1;
}

IM_MODEL_HARNESS(updates, "no update is lost", .init = init, .threads = {add_one, update_one, update_one},
                 .check = three)
IM_MODEL_HARNESS(updates_real, "no addition to a double is lost", .init = init,
                 .threads = {add_real, add_real, add_real}, .check = four_and_a_half)
IM_MODEL_HARNESS(updates_struct, "two fields of one atomic do not overwrite each other", .init = init,
                 .threads = {move_x, move_y}, .check = moved_both)
IM_MODEL_HARNESS(try_update, "of two that take the last one, one gets it", .init = init_one,
                 .threads = {take_one, take_one}, .check = one_taken)
