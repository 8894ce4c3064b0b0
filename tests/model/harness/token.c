/* SPDX-License-Identifier: MIT */
/*
 * token: one owner of a marker at a time, also for those that wait for one; ids are given out once, up to the last.
 */
#include <string.h>

#include <im_model.h>

/* Found by the include path, so that mutants are, too. */
#include <owner.c>
#include <qcell.c>
#include <tcell.c>

/* ------------------------------------------------------------------------------------------------- tcell */

IM_TCELL_MARKER(one);
typedef im_tcell_owner(one) one_owner;
static im_tcell(one, int) count; /* plain: watched for races */
static int expected;

static void start(int owners)
{
    memset(&im_tcell_marker_one, 0, sizeof im_tcell_marker_one);
    *im_tcell_get_mut(&count) = 0;
    expected = owners;
    im_model_name(&im_tcell_marker_one, sizeof im_tcell_marker_one, "marker");
    im_model_name(&count, sizeof count, "count");
}

static void two_owners(void) { start(2); }
static void three_owners(void) { start(3); }

static void count_one(one_owner *owner)
{
    *im_tcell_rw(owner, &count) += 1;
    im_tcell_owner_end(one, owner);
}

static void wait_for_it(void)
{
    one_owner owner;
    im_tcell_owner_wait_for_new(one, &owner);
    count_one(&owner);
}

static void wait_for_it_twice(void)
{
    wait_for_it();
    wait_for_it();
}

static void try_or_wait(void)
{
    one_owner owner;
    if (im_tcell_owner_try_new(one, &owner))
        im_tcell_owner_wait_for_new(one, &owner);
    count_one(&owner);
}

static void all_have_counted(void)
{
    im_model_check(*im_tcell_get_mut(&count) == expected, "%d of %d", *im_tcell_get_mut(&count), expected);
    im_model_check(im_tcell_marker_one.im_word == 0, "the marker is left taken");
}

IM_MODEL_HARNESS(tcell_wait, "two that wait for the owner both have it, one after the other", .init = two_owners,
                 .threads = {wait_for_it, wait_for_it}, .check = all_have_counted)
IM_MODEL_HARNESS(tcell_wait_three, "and so do three: no wake-up is lost", .init = three_owners,
                 .threads = {wait_for_it, wait_for_it, wait_for_it}, .check = all_have_counted)
IM_MODEL_HARNESS(tcell_wait_again, "one that comes back does not shut out who sleeps", .init = three_owners,
                 .threads = {wait_for_it_twice, wait_for_it}, .check = all_have_counted)
IM_MODEL_HARNESS(tcell_try, "a try beside one that waits", .init = two_owners, .threads = {try_or_wait, wait_for_it},
                 .check = all_have_counted)
IM_MODEL_HARNESS(tcell_spurious, "who wakes for nothing sleeps again", .init = two_owners, .spurious = 1,
                 .threads = {wait_for_it, wait_for_it}, .check = all_have_counted)
IM_MODEL_HARNESS(tcell_tries, "tries that succeed see what was done before", .init = three_owners,
                 .threads = {try_or_wait, wait_for_it, try_or_wait}, .check = all_have_counted)

/* ------------------------------------------------------------------------------------------------- ids */

static struct im_qcell_owner first, second;
static int errors[2];

static void fresh_ids(void)
{
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    im_raw_qcell_use_ids(0);
    im_model_name(&used_ids, sizeof used_ids, "ids");
}

static void last_id(void)
{
    fresh_ids();
    im_raw_qcell_use_ids(IM_RAW_QCELL_IDS - 1);
}

static void make_first(void) { errors[0] = im_qcell_owner_new(&first); }
static void make_second(void) { errors[1] = im_qcell_owner_new(&second); }

static void ids_differ(void)
{
    im_model_check(!errors[0] && !errors[1], "there were ids");
    im_model_check(im_qcell_owner_id(&first).im_id != im_qcell_owner_id(&second).im_id, "one id for two owners");
}

static void one_has_it(void)
{
    im_model_check(errors[0] + errors[1] == EOVERFLOW, "%d and %d", errors[0], errors[1]);
    im_model_check(!im_qcell_owner_id(&first).im_id != !im_qcell_owner_id(&second).im_id, "not one owner");
}

IM_MODEL_HARNESS(qcell_ids, "no id is given out twice", .init = fresh_ids, .spurious = 1,
                 .threads = {make_first, make_second}, .check = ids_differ)
IM_MODEL_HARNESS(qcell_last_id, "of two that come for the last id one has it", .init = last_id, .spurious = 1,
                 .threads = {make_first, make_second}, .check = one_has_it)
