/* SPDX-License-Identifier: MIT */
#include <im_model.h>
#include <intermut/sync.h>

static int data;      /* plain: watched for races */
static uint32_t flag; /* only accessed through im_sync_… */

static void init(void)
{
    data = 0;
    flag = 0;
    im_model_name(&flag, sizeof flag, "flag"); /* for reports */
}

static void writer(void)
{
    data = 42;
    im_sync_store(&flag, 1, memory_order_release);
}

static void reader(void)
{
    if (im_sync_load(&flag, memory_order_acquire))
        im_model_check(data == 42, "data is %d", data);
}

static void check(void) { im_model_check(flag == 1, "nobody raised the flag"); }

IM_MODEL_HARNESS(message_passing, "a reader that sees the flag sees the data", .init = init,
                 .threads = {writer, reader}, .check = check)
