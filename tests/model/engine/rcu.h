/* SPDX-License-Identifier: MIT */
/** @file rcu.h The model's RCU, used by <intermut/rcu_model.h>. */
#ifndef MODEL_RCU_H
#define MODEL_RCU_H

#include <stdbool.h>

#include <model_sync.h>

void im_model_rcu_read_lock(const struct im_model_site *site);
void im_model_rcu_read_unlock(const struct im_model_site *site);
void im_model_rcu_synchronize(const struct im_model_site *site);
bool im_model_rcu_in_section(void);

#endif
