/* SPDX-License-Identifier: MIT */
/*
 * A program whose map has another flavour of read sections: built with -DSTRESS_MEMB or -DSTRESS_QSBR, otherwise bp. And
 * what its threads then have to do.
 */
#ifndef FLAVOUR_H
#define FLAVOUR_H

#if defined(STRESS_QSBR)
#include <intermut/rcu_qsbr.h>
#define STRESS_RCU qsbr
#define STRESS_REGISTER() urcu_qsbr_register_thread()
#define STRESS_UNREGISTER() urcu_qsbr_unregister_thread()
#define STRESS_QUIESCENT_STATE() urcu_qsbr_quiescent_state()
#elif defined(STRESS_MEMB)
#include <intermut/rcu_memb.h>
#define STRESS_RCU memb
#define STRESS_REGISTER() urcu_memb_register_thread()
#define STRESS_UNREGISTER() urcu_memb_unregister_thread()
#define STRESS_QUIESCENT_STATE() ((void)0)
#else
#define STRESS_RCU bp
#define STRESS_REGISTER() ((void)0)
#define STRESS_UNREGISTER() ((void)0)
#define STRESS_QUIESCENT_STATE() ((void)0)
#endif

#endif
