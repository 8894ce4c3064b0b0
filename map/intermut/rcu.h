/* SPDX-License-Identifier: MIT */
/**
 * @file rcu.h
 * What the map needs of read-copy-update: read sections that cost next to nothing, and grace periods.
 *
 * A grace period is over when every read section that was open at its start has been left. Each flavour has a header
 * `<intermut/rcu_FLAVOUR.h>` with inline im_rcu_FLAVOUR_read_lock() and _read_unlock(), for lookups an
 * im_rcu_FLAVOUR_section that _enter() gives and _leave() takes, a _between_sections() for a thread that is about to
 * change a map, and an object im_rcu_FLAVOUR of this type. A map picks one by `#define IM_MAP_RCU FLAVOUR`:
 *
 * | flavour      | threads that read                            | read section | pkg-config         |
 * |--------------|----------------------------------------------|--------------|--------------------|
 * | bp (default) | need nothing: registered at first use        | 1.8 ns       | intermut-map       |
 * | memb         | call urcu_memb_register_thread() first       | 1.5 ns       | intermut-map-memb  |
 * | qsbr         | register, and tell quiescent states regularly | 0.4 ns       | intermut-map-qsbr  |
 *
 * A memb or qsbr thread that reads without being registered is not waited for: undefined behaviour.
 *
 * Longest waits: a grace period of bp takes 10 ms when a reader was interrupted in its section, since liburcu sleeps
 * for so long before it looks again; memb and qsbr are woken. An insert that makes a map grow waits for none; who changes
 * atomic or shared values in place waits for one while they are about to be copied.
 *
 * Licence: liburcu is LGPL. Its read_lock, read_unlock, read_ongoing and smp_mb_slave are inlined into programs, each being a
 * "small inline function" of at most ten lines, which its own headers allow for any program; what else is inlined uses its data
 * layouts only, and all else is called.
 */
#ifndef INTERMUT_RCU_H
#define INTERMUT_RCU_H

#include <stdbool.h>

struct im_rcu_flavour {
    const char *name;
    /** Wait for a grace period. Not inside a read section: it would wait for itself. */
    void (*synchronize)(void);
    /** Whether this thread is inside a read section of this flavour. */
    bool (*in_section)(void);
    /** Before sleeping: let grace periods end without this thread. Returns whether online() must follow. */
    bool (*offline)(void);
    /** After sleeping, when offline() returned true. */
    void (*online)(void);
};

/*
 * For flavours that need to know nothing to leave a lookup's section: _enter() and _leave(), made of _read_lock() and
 * _read_unlock().
 */
#define IM__RCU_ENTER_AND_LEAVE(FLAVOUR)                                            \
    typedef struct {                                                                \
        bool is_open;                                                               \
    } im_rcu_##FLAVOUR##_section;                                                   \
                                                                                    \
    static inline im_rcu_##FLAVOUR##_section im_rcu_##FLAVOUR##_enter(void)         \
    {                                                                               \
        im_rcu_##FLAVOUR##_read_lock();                                             \
        return (im_rcu_##FLAVOUR##_section){true};                                  \
    }                                                                               \
                                                                                    \
    static inline void im_rcu_##FLAVOUR##_leave(im_rcu_##FLAVOUR##_section section) \
    {                                                                               \
        (void)section;                                                              \
        im_rcu_##FLAVOUR##_read_unlock();                                           \
    }

/** For flavours whose threads hold nothing outside of their read sections. */
static inline bool im_rcu_offline_is_nothing(void)
{
    return false;
}

static inline void im_rcu_online_is_nothing(void)
{
}

#endif
