/* SPDX-License-Identifier: MIT */
/**
 * @file rcu_memb.h
 * liburcu's flavour memb for maps; <intermut/rcu.h> says when to pick it.
 */
#ifndef INTERMUT_RCU_MEMB_H
#define INTERMUT_RCU_MEMB_H

#include <urcu/urcu-memb.h>
#include <urcu/static/urcu-memb.h>

#include <intermut/rcu.h>
#include <intermut/sync.h>

static inline void im_rcu_memb_read_lock(void)
{
#if IM_THREAD_SANITIZER
    urcu_memb_read_lock();
#else
    _urcu_memb_read_lock();
#endif
}

/* The edge: what a section read is over before the end of the grace period that waited for it. */
static inline void im_rcu_memb_read_unlock(void)
{
#if IM_THREAD_SANITIZER
    IM_SYNC_EDGE_RELEASE(&urcu_memb_gp);
    urcu_memb_read_unlock();
#else
    _urcu_memb_read_unlock();
#endif
}

IM__RCU_ENTER_AND_LEAVE(memb)

static inline void im_rcu_memb_synchronize(void)
{
    urcu_memb_synchronize_rcu();
    IM_SYNC_EDGE_ACQUIRE(&urcu_memb_gp);
}

static inline void im_rcu_memb_between_sections(void)
{
}

static inline bool im_rcu_memb_in_section(void)
{
    return _urcu_memb_read_ongoing() != 0;
}

/* The same. */
static inline bool im_rcu_memb_may_be_in_section(void)
{
    return im_rcu_memb_in_section();
}

static const struct im_rcu_flavour im_rcu_memb = {
    .name = "memb",
    .synchronize = im_rcu_memb_synchronize,
    .in_section = im_rcu_memb_in_section,
    .offline = im_rcu_offline_is_nothing,
    .online = im_rcu_online_is_nothing,
};

#endif
