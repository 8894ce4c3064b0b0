/* SPDX-License-Identifier: MIT */
/* Row S4: the raw counter, in one thread; tests/model has the interleavings. */
#include <criterion/criterion.h>

#include <intermut/seqcount.h>

struct clock {
    struct im_seqcount count;
    uint64_t time[2];
};

static void set_clock(const struct clock *clock, uint64_t seconds)
{
    const uint64_t now[2] = {seconds, ~seconds};
    uint64_t write = im_seqcount_write_begin(&clock->count);
    im_racy_store(im_unsafe_unconst(clock->time), now, sizeof now);
    im_seqcount_write_end(&clock->count, write);
}

static uint64_t get_clock(const struct clock *clock)
{
    uint64_t read, copy[2];
    do {
        read = im_seqcount_read_begin(&clock->count);
        im_racy_load(copy, clock->time, sizeof copy);
    } while (im_seqcount_read_retry(&clock->count, read));
    cr_assert_eq(copy[0], ~copy[1]);
    return copy[0];
}

Test(seqcount, is_eight_bytes)
{
    cr_assert_eq(sizeof(struct im_seqcount), 8);
    cr_assert_eq(_Alignof(struct im_seqcount), 8);
}

Test(seqcount, a_copy_without_a_write_is_good)
{
    struct clock clock = {.count = IM_SEQCOUNT_INIT};
    set_clock(&clock, 5);
    cr_assert_eq(get_clock(&clock), 5);
    set_clock(&clock, 6);
    cr_assert_eq(get_clock(&clock), 6);
}

Test(seqcount, a_copy_is_retried_after_a_write)
{
    struct im_seqcount count = IM_SEQCOUNT_INIT;
    uint64_t read = im_seqcount_read_begin(&count);
    cr_assert_not(im_seqcount_read_retry(&count, read));
    im_seqcount_write_end(&count, im_seqcount_write_begin(&count));
    cr_assert(im_seqcount_read_retry(&count, read));
}

Test(seqcount, a_copy_is_retried_during_a_write)
{
    struct im_seqcount count = IM_SEQCOUNT_INIT;
    uint64_t before = im_seqcount_read_begin(&count);
    uint64_t write = im_seqcount_write_begin(&count);
    uint64_t during = im_seqcount_read_begin(&count);
    cr_assert(im_seqcount_read_retry(&count, before));
    cr_assert(im_seqcount_read_retry(&count, during), "an odd beginning is never good");
    im_seqcount_write_end(&count, write);
    cr_assert(im_seqcount_read_retry(&count, during));
}

Test(seqcount, a_write_that_is_given_up_disturbs_no_reader)
{
    struct im_seqcount count = IM_SEQCOUNT_INIT;
    uint64_t before = im_seqcount_read_begin(&count);
    uint64_t write = im_seqcount_write_begin(&count);
    cr_assert(im_seqcount_read_retry(&count, before));
    im_seqcount_write_abort(&count, write);
    cr_assert_not(im_seqcount_read_retry(&count, before));
}

Test(seqcount, one_writer_keeps_the_others_out)
{
    struct im_seqcount count = IM_SEQCOUNT_INIT;
    uint64_t first, second = 77;
    cr_assert(im_seqcount_try_write_begin(&count, &first));
    cr_assert_not(im_seqcount_try_write_begin(&count, &second));
    cr_assert_eq(second, 77, "written only on success");
    im_seqcount_write_end(&count, first);
    cr_assert(im_seqcount_try_write_begin(&count, &second));
    im_seqcount_write_abort(&count, second);
    cr_assert(im_seqcount_try_write_begin(&count, &second));
}

Test(seqcount, goes_over_its_end)
{
    struct clock clock = {.count = {.im_sequence = UINT64_MAX - 1}};
    uint64_t before = im_seqcount_read_begin(&clock.count);
    uint64_t write = im_seqcount_write_begin(&clock.count);
    cr_assert_eq(write, UINT64_MAX);
    cr_assert(im_seqcount_read_retry(&clock.count, im_seqcount_read_begin(&clock.count)));
    im_seqcount_write_end(&clock.count, write);
    cr_assert_eq(clock.count.im_sequence, 0);
    cr_assert(im_seqcount_read_retry(&clock.count, before));
    for (uint64_t i = 0; i < 4; i++) {
        clock.count.im_sequence = UINT64_MAX - 1 - 2 * (i / 2);
        set_clock(&clock, i);
        cr_assert_eq(get_clock(&clock), i);
    }
}

Test(seqcount, the_latch_says_which_copy_is_whole)
{
    struct im_seqcount count = IM_SEQCOUNT_INIT;
    uint64_t read = im_seqcount_latch_read_begin(&count);
    cr_assert_eq(im_seqcount_latch_index(read), 0);
    cr_assert_not(im_seqcount_latch_read_retry(&count, read));
    im_seqcount_latch_flip(&count);
    cr_assert(im_seqcount_latch_read_retry(&count, read));
    read = im_seqcount_latch_read_begin(&count);
    cr_assert_eq(im_seqcount_latch_index(read), 1);
    cr_assert_not(im_seqcount_latch_read_retry(&count, read), "both are at rest for their readers");
    im_seqcount_latch_flip(&count);
    cr_assert_eq(im_seqcount_latch_index(im_seqcount_latch_read_begin(&count)), 0);
}
