/* SPDX-License-Identifier: MIT */
/**
 * @file rcu_bp.h
 * liburcu's flavour bp for maps; <intermut/rcu.h> says when to pick it.
 */
#ifndef INTERMUT_RCU_BP_H
#define INTERMUT_RCU_BP_H

#include <urcu/urcu-bp.h>

#ifndef _URCU_BP_STATIC_H
/*
 * liburcu up to 0.13 puts its readers at addresses that are not as aligned as their type says: keep UBSan from
 * telling users.
 */
#define IM_URCU_MISALIGNED __attribute__((no_sanitize("alignment")))
static inline void _urcu_bp_read_lock_update(unsigned long tmp) IM_URCU_MISALIGNED;
static inline void _urcu_bp_read_lock(void) IM_URCU_MISALIGNED;
static inline void _urcu_bp_read_unlock(void) IM_URCU_MISALIGNED;
static inline int _urcu_bp_read_ongoing(void) IM_URCU_MISALIGNED;
#undef IM_URCU_MISALIGNED
#endif
#include <urcu/static/urcu-bp.h>

#include <intermut/rcu.h>
#include <intermut/sync.h>

static inline void im_rcu_bp_read_lock(void)
{
#if IM_THREAD_SANITIZER
    urcu_bp_read_lock();
#else
    _urcu_bp_read_lock();
#endif
}

/* The edge: what a section read is over before the end of the grace period that waited for it. */
static inline void im_rcu_bp_read_unlock(void)
{
#if IM_THREAD_SANITIZER
    IM_SYNC_EDGE_RELEASE(&urcu_bp_gp);
    urcu_bp_read_unlock();
#else
    _urcu_bp_read_unlock();
#endif
}

/*
 * The section of one lookup. Who leaves it is who entered it, and has kept what was asked then: where liburcu keeps this
 * thread's word, and what that was. Inside of another section the word stays as it is.
 */
typedef struct {
    struct urcu_bp_reader *reader;
    unsigned long outside;
} im_rcu_bp_section;

static inline __attribute__((no_sanitize("alignment"))) im_rcu_bp_section im_rcu_bp_enter(void)
{
#if IM_THREAD_SANITIZER
    urcu_bp_read_lock();
    return (im_rcu_bp_section){NULL, 0};
#else
    struct urcu_bp_reader *reader = URCU_TLS(urcu_bp_reader);
    if (IM_UNLIKELY(!reader)) {
        urcu_bp_register();
        reader = URCU_TLS(urcu_bp_reader);
    }
    /* Relaxed: this thread's own. What follows is _urcu_bp_read_lock(), which would ask for `reader` three times. */
    const im_rcu_bp_section section = {reader, im_sync_load(&reader->ctr, memory_order_relaxed)};
    if (IM_LIKELY(!(section.outside & URCU_BP_GP_CTR_NEST_MASK))) {
        im_sync_store(&reader->ctr, im_sync_load(&urcu_bp_gp.ctr, memory_order_relaxed), memory_order_relaxed);
        urcu_bp_smp_mb_slave();
    }
    return section;
#endif
}

/*
 * Release: what the section read is over before a grace period sees it left. liburcu's own is a barrier for the compiler,
 * or a full one where there is no sys_membarrier, and then a plain store.
 */
static inline __attribute__((no_sanitize("alignment"))) void im_rcu_bp_leave(im_rcu_bp_section section)
{
#if IM_THREAD_SANITIZER
    (void)section;
    im_rcu_bp_read_unlock();
#else
    im_sync_store(&section.reader->ctr, section.outside, memory_order_release);
#endif
}

static inline void im_rcu_bp_synchronize(void)
{
    urcu_bp_synchronize_rcu();
    IM_SYNC_EDGE_ACQUIRE(&urcu_bp_gp);
}

static inline void im_rcu_bp_between_sections(void)
{
}

static inline bool im_rcu_bp_in_section(void)
{
    return _urcu_bp_read_ongoing() != 0;
}

/* The same without a call: true also for who has never been in one. */
static inline __attribute__((no_sanitize("alignment"))) bool im_rcu_bp_may_be_in_section(void)
{
#if IM_THREAD_SANITIZER
    return im_rcu_bp_in_section();
#else
    /* Relaxed: this thread's own. */
    const struct urcu_bp_reader *reader = URCU_TLS(urcu_bp_reader);
    return !reader || im_sync_load(&reader->ctr, memory_order_relaxed) & URCU_BP_GP_CTR_NEST_MASK;
#endif
}

static const struct im_rcu_flavour im_rcu_bp = {
    .name = "bp",
    .synchronize = im_rcu_bp_synchronize,
    .in_section = im_rcu_bp_in_section,
    .offline = im_rcu_offline_is_nothing,
    .online = im_rcu_online_is_nothing,
};

#endif
