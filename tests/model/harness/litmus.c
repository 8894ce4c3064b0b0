/* SPDX-License-Identifier: MIT */
/*
 * Litmus tests of the checker itself: for each program the outcomes that C11 (as repaired by RC11, Lahav et al., PLDI
 * 2017) allows. The harness fails if one of them is not seen, or if any other is.
 *
 * Outcomes list r[0], r[1], … and, where it matters, the values left in x and y. Where the model deviates from C11
 * the property says so: load buffering, and release sequences as of C++20.
 */
#include <string.h>

#include <im_model.h>
#include <intermut/sync.h>

enum {
    RLX = memory_order_relaxed,
    ACQ = memory_order_acquire,
    REL = memory_order_release,
    AR = memory_order_acq_rel,
    SC = memory_order_seq_cst
};

static int x, y, z;
static int r[4];

static void init(void)
{
    x = y = z = 0;
    memset(r, 0, sizeof r);
}

static void r01(void) { im_model_outcome("%d %d", r[0], r[1]); }

static void r012(void) { im_model_outcome("%d %d %d", r[0], r[1], r[2]); }

static void r0123(void) { im_model_outcome("%d%d %d%d", r[0], r[1], r[2], r[3]); }

static void xy(void) { im_model_outcome("%d %d", x, y); }

static void r0x(void) { im_model_outcome("%d %d", r[0], x); }

static void r0y(void) { im_model_outcome("%d %d", r[0], y); }

static void r01x(void) { im_model_outcome("%d %d %d", r[0], r[1], x); }

#define LOAD(variable, order) im_sync_load(&variable, order)
#define STORE(variable, value, order) im_sync_store(&variable, value, order)
#define THREAD(name, ...) \
    static void name(void) { __VA_ARGS__; }
#define LITMUS(name, property, report, expected, ...) \
    IM_MODEL_HARNESS(name, property, .init = init, .check = report, .outcomes = expected, .threads = {__VA_ARGS__})

/* ---------------------------------------------------------------------------------------------- message passing */

THREAD(mp_write_rlx, STORE(x, 1, RLX); STORE(y, 1, RLX))
THREAD(mp_write_rel, STORE(x, 1, RLX); STORE(y, 1, REL))
THREAD(mp_write_fence, STORE(x, 1, RLX); im_sync_fence(REL); STORE(y, 1, RLX))
THREAD(mp_read_rlx, r[0] = LOAD(y, RLX); r[1] = LOAD(x, RLX))
THREAD(mp_read_acq, r[0] = LOAD(y, ACQ); r[1] = LOAD(x, RLX))
THREAD(mp_read_fence, r[0] = LOAD(y, RLX); im_sync_fence(ACQ); r[1] = LOAD(x, RLX))
THREAD(mp_read_rmw, r[0] = im_sync_fetch_add(&y, 0, ACQ); r[1] = LOAD(x, RLX))

#define MP_WEAK "0 0|0 1|1 0|1 1"
#define MP_STRONG "0 0|0 1|1 1"
LITMUS(mp_rel_acq, "message passing, release and acquire", r01, MP_STRONG, mp_write_rel, mp_read_acq)
LITMUS(mp_relaxed, "message passing, all relaxed", r01, MP_WEAK, mp_write_rlx, mp_read_rlx)
LITMUS(mp_no_acquire, "message passing without acquire", r01, MP_WEAK, mp_write_rel, mp_read_rlx)
LITMUS(mp_no_release, "message passing without release", r01, MP_WEAK, mp_write_rlx, mp_read_acq)
LITMUS(mp_fences, "message passing by two fences", r01, MP_STRONG, mp_write_fence, mp_read_fence)
LITMUS(mp_fence_acq, "release fence meets acquire load", r01, MP_STRONG, mp_write_fence, mp_read_acq)
LITMUS(mp_rel_fence, "release store meets acquire fence", r01, MP_STRONG, mp_write_rel, mp_read_fence)
LITMUS(mp_one_fence, "release fence alone", r01, MP_WEAK, mp_write_fence, mp_read_rlx)
LITMUS(mp_other_fence, "acquire fence alone", r01, MP_WEAK, mp_write_rlx, mp_read_fence)
LITMUS(mp_rmw_acq, "release store meets acquire read-modify-write", r01, MP_STRONG, mp_write_rel, mp_read_rmw)

/* ---------------------------------------------------------------------------------------------- store buffering */

THREAD(sb_1_rlx, STORE(x, 1, RLX); r[0] = LOAD(y, RLX))
THREAD(sb_2_rlx, STORE(y, 1, RLX); r[1] = LOAD(x, RLX))
THREAD(sb_1_ra, STORE(x, 1, REL); r[0] = LOAD(y, ACQ))
THREAD(sb_2_ra, STORE(y, 1, REL); r[1] = LOAD(x, ACQ))
THREAD(sb_1_sc, STORE(x, 1, SC); r[0] = LOAD(y, SC))
THREAD(sb_2_sc, STORE(y, 1, SC); r[1] = LOAD(x, SC))
THREAD(sb_1_fence, STORE(x, 1, RLX); im_sync_fence(SC); r[0] = LOAD(y, RLX))
THREAD(sb_2_fence, STORE(y, 1, RLX); im_sync_fence(SC); r[1] = LOAD(x, RLX))
THREAD(sb_1_weak_fence, STORE(x, 1, RLX); im_sync_fence(AR); r[0] = LOAD(y, RLX))
THREAD(sb_2_weak_fence, STORE(y, 1, RLX); im_sync_fence(AR); r[1] = LOAD(x, RLX))
THREAD(sb_1_rmw, STORE(x, 1, RLX); r[0] = im_sync_fetch_add(&y, 0, AR))
THREAD(sb_2_rmw, STORE(y, 1, RLX); r[1] = im_sync_fetch_add(&x, 0, AR))

#define SB_WEAK "0 0|0 1|1 0|1 1"
#define SB_STRONG "0 1|1 0|1 1"
LITMUS(sb_relaxed, "store buffering, relaxed", r01, SB_WEAK, sb_1_rlx, sb_2_rlx)
LITMUS(sb_rel_acq, "store buffering, release and acquire", r01, SB_WEAK, sb_1_ra, sb_2_ra)
LITMUS(sb_seq_cst, "store buffering, seq_cst", r01, SB_STRONG, sb_1_sc, sb_2_sc)
LITMUS(sb_fences, "store buffering, seq_cst fences", r01, SB_STRONG, sb_1_fence, sb_2_fence)
LITMUS(sb_one_fence, "store buffering, one seq_cst fence", r01, SB_WEAK, sb_1_fence, sb_2_rlx)
LITMUS(sb_weak_fences, "store buffering, acq_rel fences", r01, SB_WEAK, sb_1_weak_fence, sb_2_weak_fence)
LITMUS(sb_sc_and_fence, "store buffering, seq_cst accesses against a seq_cst fence", r01, SB_STRONG, sb_1_sc,
       sb_2_fence)
LITMUS(sb_sc_and_rlx, "store buffering, seq_cst accesses on one side only", r01, SB_WEAK, sb_1_sc, sb_2_ra)
LITMUS(sb_rmw, "store buffering, read-modify-writes that add nothing", r01, SB_WEAK, sb_1_rmw, sb_2_rmw)

/* ----------------------------------------------------------------------------------------------- load buffering */

THREAD(lb_1, r[0] = LOAD(x, RLX); STORE(y, 1, RLX))
THREAD(lb_2, r[1] = LOAD(y, RLX); STORE(x, 1, RLX))
THREAD(lb_1_acq, r[0] = LOAD(x, ACQ); STORE(y, 1, RLX))

LITMUS(lb_relaxed, "load buffering, relaxed: C11 allows 1 1, the model leaves it out", r01, "0 0|0 1|1 0", lb_1, lb_2)
LITMUS(lb_acquire, "load buffering, one acquire (C11 allows 1 1 here too)", r01, "0 0|0 1|1 0", lb_1_acq, lb_2)

/* -------------------------------------------------- independent reads of independent writes */

THREAD(x_rlx, STORE(x, 1, RLX))
THREAD(y_rlx, STORE(y, 1, RLX))
THREAD(x_rel, STORE(x, 1, REL))
THREAD(y_rel, STORE(y, 1, REL))
THREAD(x_sc, STORE(x, 1, SC))
THREAD(y_sc, STORE(y, 1, SC))
THREAD(iriw_1_acq, r[0] = LOAD(x, ACQ); r[1] = LOAD(y, ACQ))
THREAD(iriw_2_acq, r[2] = LOAD(y, ACQ); r[3] = LOAD(x, ACQ))
THREAD(iriw_1_sc, r[0] = LOAD(x, SC); r[1] = LOAD(y, SC))
THREAD(iriw_2_sc, r[2] = LOAD(y, SC); r[3] = LOAD(x, SC))
THREAD(iriw_1_fence, r[0] = LOAD(x, RLX); im_sync_fence(SC); r[1] = LOAD(y, RLX))
THREAD(iriw_2_fence, r[2] = LOAD(y, RLX); im_sync_fence(SC); r[3] = LOAD(x, RLX))

#define IRIW_STRONG "00 00|00 01|00 10|00 11|01 00|01 01|01 10|01 11|10 00|10 01|10 11|11 00|11 01|11 10|11 11"
LITMUS(iriw_rel_acq, "two readers may see two writes in different orders, release and acquire", r0123,
       IRIW_STRONG "|10 10", x_rel, y_rel, iriw_1_acq, iriw_2_acq)
LITMUS(iriw_seq_cst, "two readers see two writes in one order, seq_cst", r0123, IRIW_STRONG, x_sc, y_sc, iriw_1_sc,
       iriw_2_sc)
LITMUS(iriw_fences, "two readers see two relaxed writes in one order, seq_cst fences", r0123, IRIW_STRONG, x_rlx, y_rlx,
       iriw_1_fence, iriw_2_fence)

/* ------------------------------------------------------------------------------------------------------- coherence */

THREAD(x_is_2, STORE(x, 2, RLX))
THREAD(corr_read, r[0] = LOAD(x, RLX); r[1] = LOAD(x, RLX))
THREAD(corr_read_again, r[2] = LOAD(x, RLX); r[3] = LOAD(x, RLX))
THREAD(coww, STORE(x, 1, RLX); STORE(x, 2, RLX))
THREAD(corw, r[0] = LOAD(x, RLX); STORE(x, 1, RLX))
THREAD(cowr, STORE(x, 1, RLX); r[0] = LOAD(x, RLX))

static void agreement(void)
{
    bool first = r[0] == 1 && r[1] == 2, second = r[0] == 2 && r[1] == 1;
    bool again = r[2] == 1 && r[3] == 2, otherwise = r[2] == 2 && r[3] == 1;
    im_model_outcome((first && otherwise) || (second && again) ? "split" : "one order");
}

LITMUS(co_rr, "two reads of one location do not go back", r01, "0 0|0 1|1 1", x_rlx, corr_read)
LITMUS(co_ww, "two writes of one thread stay in order", r0x, "0 2", coww)
LITMUS(co_rw, "a write comes after what its thread has read", r0x, "0 1|0 2|2 1", corw, x_is_2)
LITMUS(co_wr, "a read sees its thread's write, or what comes after it", r0x, "1 1|1 2|2 2", cowr, x_is_2)
LITMUS(co_order, "all see the writes of one location in one order", agreement, "one order", x_rlx, x_is_2, corr_read,
       corr_read_again)

/* ----------------------------------------------------------------------------------------------- release sequences */

THREAD(add_10_rlx, im_sync_fetch_add(&y, 10, RLX))
THREAD(store_10_rlx, if (LOAD(y, RLX) == 1) STORE(y, 11, RLX))
THREAD(rs_same_thread, STORE(x, 1, RLX); STORE(y, 1, REL); STORE(y, 2, RLX))
THREAD(rs_acq_rel, STORE(x, 1, RLX); STORE(y, 1, REL))
THREAD(rs_second, STORE(z, 1, RLX); im_sync_fetch_add(&y, 10, REL))
THREAD(rs_read_both, r[0] = LOAD(y, ACQ); r[1] = LOAD(x, RLX); r[2] = LOAD(z, RLX))

LITMUS(rs_rmw, "a relaxed read-modify-write carries on the release it read", r01, "0 0|0 1|1 1|10 0|10 1|11 1",
       mp_write_rel, add_10_rlx, mp_read_acq)
LITMUS(rs_store, "a relaxed store of another thread does not", r01, "0 0|0 1|1 1|11 0|11 1", mp_write_rel, store_10_rlx,
       mp_read_acq)
LITMUS(rs_same, "nor one of the same thread, as of C++20 (C11 still forbids 2 0)", r01, "0 0|0 1|1 1|2 0|2 1",
       rs_same_thread, mp_read_acq)
LITMUS(rs_two, "a releasing read-modify-write adds its own to what it carries on", r012,
       "0 0 0|0 0 1|0 1 0|0 1 1|1 1 0|1 1 1|10 0 1|10 1 1|11 1 1", rs_acq_rel, rs_second, rs_read_both)

/* ----------------------------------------------------------------------------------------------------- two writes */

THREAD(w22_1_rlx, STORE(x, 1, RLX); STORE(y, 2, RLX))
THREAD(w22_2_rlx, STORE(y, 1, RLX); STORE(x, 2, RLX))
THREAD(w22_1_rel, STORE(x, 1, REL); STORE(y, 2, REL))
THREAD(w22_2_rel, STORE(y, 1, REL); STORE(x, 2, REL))
THREAD(w22_1_sc, STORE(x, 1, SC); STORE(y, 2, SC))
THREAD(w22_2_sc, STORE(y, 1, SC); STORE(x, 2, SC))
THREAD(w22_1_fence, STORE(x, 1, RLX); im_sync_fence(SC); STORE(y, 2, RLX))
THREAD(w22_2_fence, STORE(y, 1, RLX); im_sync_fence(SC); STORE(x, 2, RLX))

LITMUS(w22_relaxed, "2+2W: each location may keep the first write, relaxed", xy, "1 1|1 2|2 1|2 2", w22_1_rlx,
       w22_2_rlx)
LITMUS(w22_release, "2+2W, release", xy, "1 1|1 2|2 1|2 2", w22_1_rel, w22_2_rel)
LITMUS(w22_seq_cst, "2+2W, seq_cst", xy, "1 2|2 1|2 2", w22_1_sc, w22_2_sc)
LITMUS(w22_fences, "2+2W, seq_cst fences", xy, "1 2|2 1|2 2", w22_1_fence, w22_2_fence)

/* ----------------------------------------------------------------------------------------------- read-modify-write */

THREAD(rmw_1, r[0] = im_sync_fetch_add(&x, 1, RLX))
THREAD(rmw_2, r[1] = im_sync_fetch_add(&x, 1, RLX))
THREAD(rmw_10, r[0] = im_sync_fetch_add(&x, 10, RLX))
THREAD(cas_1, int none = 0; r[0] = im_sync_compare_exchange(&x, &none, 1, RLX, RLX))
THREAD(cas_2, int none = 0; r[1] = im_sync_compare_exchange(&x, &none, 2, RLX, RLX))
THREAD(cas_weak, int none = 0; r[0] = im_sync_compare_exchange_weak(&x, &none, 1, RLX, RLX))

LITMUS(rmw_atomic, "no addition is lost", r01x, "0 1 2|1 0 2", rmw_1, rmw_2)
LITMUS(rmw_and_store, "nothing comes between the read and the write", r0x, "0 1|1 11", rmw_10, x_rlx)
LITMUS(cas_atomic, "one compare-exchange wins", r01x, "0 1 2|1 0 1", cas_1, cas_2)
IM_MODEL_HARNESS(cas_spurious, "a weak compare-exchange may fail for no reason", .init = init, .check = r0x,
                 .threads = {cas_weak}, .outcomes = "0 0|1 1", .spurious = 1)

/* ------------------------------------------------------------------------------------------------ longer patterns */

THREAD(s_write, STORE(x, 2, RLX); STORE(y, 1, REL))
THREAD(s_read_acq, r[0] = LOAD(y, ACQ); STORE(x, 1, RLX))
THREAD(s_read_rlx, r[0] = LOAD(y, RLX); STORE(x, 1, RLX))
THREAD(r_1_rlx, STORE(x, 1, RLX); STORE(y, 1, RLX))
THREAD(r_2_rlx, STORE(y, 2, RLX); r[0] = LOAD(x, RLX))
THREAD(r_1_sc, STORE(x, 1, SC); STORE(y, 1, SC))
THREAD(r_2_sc, STORE(y, 2, SC); r[0] = LOAD(x, SC))
THREAD(wrc_2, r[0] = LOAD(x, RLX); STORE(y, 1, REL))
THREAD(wrc_3, r[1] = LOAD(y, ACQ); r[2] = LOAD(x, RLX))
THREAD(isa2_1, STORE(x, 1, RLX); STORE(y, 1, REL))
THREAD(isa2_2, r[0] = LOAD(y, ACQ); STORE(z, 1, REL))
THREAD(isa2_3, r[1] = LOAD(z, ACQ); r[2] = LOAD(x, RLX))
THREAD(rwc_2, r[0] = LOAD(x, RLX); im_sync_fence(SC); r[1] = LOAD(y, RLX))
THREAD(rwc_3, STORE(y, 1, RLX); im_sync_fence(SC); r[2] = LOAD(x, RLX))

LITMUS(s_rel_acq, "S: a write after an acquire comes after the one before the release", r0x, "0 1|0 2|1 1", s_write,
       s_read_acq)
LITMUS(s_relaxed, "S without acquire", r0x, "0 1|0 2|1 1|1 2", s_write, s_read_rlx)
LITMUS(r_relaxed, "R, relaxed", r0y, "0 1|0 2|1 1|1 2", r_1_rlx, r_2_rlx)
LITMUS(r_seq_cst, "R, seq_cst", r0y, "0 1|1 1|1 2", r_1_sc, r_2_sc)
LITMUS(wrc, "WRC: what was read before a release is not unread after its acquire", r012,
       "0 0 0|0 0 1|0 1 0|0 1 1|1 0 0|1 0 1|1 1 1", x_rlx, wrc_2, wrc_3)
LITMUS(isa2, "ISA2: release and acquire add up over three threads", r012, "0 0 0|0 0 1|0 1 0|0 1 1|1 0 0|1 0 1|1 1 1",
       isa2_1, isa2_2, isa2_3)
LITMUS(rwc_fences, "RWC: seq_cst fences, with a relaxed write seen by one reader", r012,
       "0 0 0|0 0 1|0 1 0|0 1 1|1 0 1|1 1 0|1 1 1", x_rlx, rwc_2, rwc_3)
