/* SPDX-License-Identifier: MIT */
/**
 * @file rcu_qsbr.h
 * liburcu's flavour qsbr for maps; <intermut/rcu.h> says when to pick it.
 *
 * A registered thread is inside a read section from each quiescent state to the next: it calls
 * urcu_qsbr_quiescent_state() between its pieces of work, or the writers of all maps wait for ever. A change of a map
 * is a quiescent state itself; to open a section of a map with atomic values may be one.
 *
 * liburcu does not know where the sections of this flavour are; they are counted here, so that a change inside of one
 * is an error and not the end of what the section looks at.
 */
#ifndef INTERMUT_RCU_QSBR_H
#define INTERMUT_RCU_QSBR_H

#include <urcu/urcu-qsbr.h>
#include <urcu/static/urcu-qsbr.h>

#include <intermut/rcu.h>
#include <intermut/sync.h>

static inline void im_rcu_qsbr_read_lock(void)
{
    ++*im_sync_sections();
}

/* The edge: what a section read is over before the end of the grace period that waited for it. */
static inline void im_rcu_qsbr_read_unlock(void)
{
    IM_SYNC_EDGE_RELEASE(&urcu_qsbr_gp);
    --*im_sync_sections();
}

IM__RCU_ENTER_AND_LEAVE(qsbr)

static inline void im_rcu_qsbr_synchronize(void)
{
    urcu_qsbr_synchronize_rcu();
    IM_SYNC_EDGE_ACQUIRE(&urcu_qsbr_gp);
}

static inline void im_rcu_qsbr_between_sections(void)
{
    if (_urcu_qsbr_read_ongoing())
        urcu_qsbr_quiescent_state();
}

static inline bool im_rcu_qsbr_in_section(void)
{
    return *im_sync_sections() > 0;
}

static inline bool im_rcu_qsbr_offline(void)
{
    if (!_urcu_qsbr_read_ongoing())
        return false;
    urcu_qsbr_thread_offline();
    return true;
}

static inline void im_rcu_qsbr_online(void)
{
    urcu_qsbr_thread_online();
}

/* The same. */
static inline bool im_rcu_qsbr_may_be_in_section(void)
{
    return im_rcu_qsbr_in_section();
}

static const struct im_rcu_flavour im_rcu_qsbr = {
    .name = "qsbr",
    .synchronize = im_rcu_qsbr_synchronize,
    .in_section = im_rcu_qsbr_in_section,
    .offline = im_rcu_qsbr_offline,
    .online = im_rcu_qsbr_online,
};

#endif
