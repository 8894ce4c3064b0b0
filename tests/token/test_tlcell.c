/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include <intermut/sync.h>

#include "markers.h"

static __thread pages_owner owner;

#define SUITE tlcell
#define OP(name) im_tlcell_##name
#define CELL(T) im_tlcell(pages, T)
#define VALUE(...) IM_TLCELL_INIT(__VA_ARGS__)
#define BEGIN im_tlcell_owner_new(pages, &owner)
#define END im_tlcell_owner_end(pages, &owner)
#define BLOCKS_ARE_KEPT 1
#include "operations.h"

static pages_owner *of_main;
static int_cell cell_of_main;

static void *have_one_too(void *unused)
{
    pages_owner mine;
    int_cell cell = IM_TLCELL_INIT(1);
    im_tlcell_owner_new(pages, &mine);
    *im_tlcell_rw(&mine, &cell) += 1;
    cr_assert_eq(try_to_make_pages_elsewhere(&owner), EBUSY);
    im_tlcell_owner_end(pages, &mine);
    cr_assert_eq(try_to_make_pages_elsewhere(&owner), 0);
    return unused; /* without an end: the thread takes the marker with it */
}

Test(tlcell, there_is_one_owner_of_a_marker_in_each_thread)
{
    int made_at = __LINE__ + 1;
    im_tlcell_owner_new(pages, &owner);
    pages_owner second = {.im_raw = {.im_key = 0}};
    cr_assert_eq(im_tlcell_owner_try_new(pages, &second), EBUSY);
    cr_assert_eq(try_to_make_pages_elsewhere(&second), EBUSY);
    cr_assert_eq(second.im_raw.im_key, 0);
    ASSERT_PANICS(im_tlcell_owner_new(pages, &second), "cannot make `second`: its marker has an owner in this thread");
    cr_assert_str_eq(panic_before.function, __func__);
    cr_assert_eq(panic_before.line, made_at);
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, NULL, have_one_too, NULL), 0);
        pthread_join(thread, NULL);
    }
    im_tlcell_owner_end(pages, &owner);
    cr_assert_eq(im_tlcell_owner_try_new(pages, &second), 0);
    im_tlcell_owner_end(pages, &second);
}

Test(tlcell, an_owner_that_is_not_one_opens_nothing)
{
    cr_assert_null(im_tlcell_try_ro(&owner, &cell_of_main));
    ASSERT_PANICS(im_tlcell_owner_end(pages, &owner), "cannot end `owner`: it has not been made, or has ended");
    im_tlcell_owner_new(pages, &owner);
    im_tlcell_owner_end(pages, &owner);
    ASSERT_PANICS((void)im_tlcell_rw(&owner, &cell_of_main),
                  "cannot rw `cell_of_main`: `owner` has not been made, or has ended");
}

static void *misuse(void *unused)
{
    ASSERT_PANICS(im_tlcell_owner_end(pages, of_main), "cannot end `of_main`: it belongs to another thread");
    cr_assert_str_eq(panic_lines[0].label, "made");
    cr_assert(panic_lines[0].thread && panic_lines[0].thread != im_sync_thread_number());
    if (IM_CHECKED) {
        ASSERT_PANICS((void)im_tlcell_ro(of_main, &cell_of_main),
                      "cannot ro `cell_of_main`: `of_main` belongs to another thread");
        ASSERT_PANICS((void)im_tlcell_try_rw(of_main, &cell_of_main),
                      "cannot try_rw `cell_of_main`: `of_main` belongs to another thread");
    }
    return unused;
}

Test(tlcell, an_owner_stays_in_its_thread)
{
    pthread_t thread;
    im_tlcell_owner_new(pages, &owner);
    of_main = &owner;
    cr_assert_eq(pthread_create(&thread, NULL, misuse, NULL), 0);
    pthread_join(thread, NULL);
    *im_tlcell_rw(&owner, &cell_of_main) = 1;
    im_tlcell_owner_end(pages, &owner);
}
