/* SPDX-License-Identifier: MIT */
/**
 * @file rcu_model.h
 * The model checker's flavour of read-copy-update for maps: `#define IM_MAP_RCU model`.
 */
#ifndef INTERMUT_RCU_MODEL_H
#define INTERMUT_RCU_MODEL_H

#include <intermut/rcu.h>
#include <intermut/sync.h>

void im_model_rcu_read_lock(const struct im_model_site *site);
void im_model_rcu_read_unlock(const struct im_model_site *site);
void im_model_rcu_synchronize(const struct im_model_site *site);
bool im_model_rcu_in_section(void);

static inline void im_rcu_model_read_lock(void)
{
    im_model_rcu_read_lock(IM_MODEL_SITE("rcu"));
}

static inline void im_rcu_model_read_unlock(void)
{
    im_model_rcu_read_unlock(IM_MODEL_SITE("rcu"));
}

IM__RCU_ENTER_AND_LEAVE(model)

static inline void im_rcu_model_synchronize(void)
{
    im_model_rcu_synchronize(IM_MODEL_SITE("rcu"));
}

static inline void im_rcu_model_between_sections(void)
{
}

static inline bool im_rcu_model_in_section(void)
{
    return im_model_rcu_in_section();
}

static inline bool im_rcu_model_may_be_in_section(void)
{
    return im_model_rcu_in_section();
}

static const struct im_rcu_flavour im_rcu_model = {
    .name = "model",
    .synchronize = im_rcu_model_synchronize,
    .in_section = im_rcu_model_in_section,
    .offline = im_rcu_offline_is_nothing,
    .online = im_rcu_online_is_nothing,
};

#endif
