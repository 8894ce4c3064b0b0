/* SPDX-License-Identifier: MIT */
/**
 * @file lock_probes.h
 * Where threads wait for locks, for tracing tools: static probes (USDT) in the waiting paths, and only there.
 *
 * | probe of provider intermut | arguments                | when                                                       |
 * |----------------------------|--------------------------|------------------------------------------------------------|
 * | lock__wait                 | the lock                 | a thread begins to wait: somebody else is in the way       |
 * | lock__waited               | the lock, 1 or 0         | it does not wait any more: it has the lock, or is too late |
 * | lock__wake                 | the lock                 | who gives the lock back wakes somebody who sleeps          |
 *
 *     bpftrace -e 'usdt:./program:intermut:lock__wait { @[ustack] = count(); }' -c ./program
 *
 * Internal. Compiled in where the library was built with <sys/sdt.h> (Debian: systemtap-sdt-dev): a probe is one instruction
 * that does nothing while nobody traces, and its name in a section of the library. Nothing elsewhere.
 */
#ifndef INTERMUT_LOCK_PROBES_H
#define INTERMUT_LOCK_PROBES_H

/* Not in a model, whose locks are the checker's. */
#if defined(__has_include) && !defined(IM_SYNC_HEADER)
#if __has_include(<sys/sdt.h>)
#define IM_LOCK_HAS_PROBES 1
#endif
#endif

#ifdef IM_LOCK_HAS_PROBES
#include <sys/sdt.h>
#define IM_LOCK_PROBE_WAIT(lock) DTRACE_PROBE1(intermut, lock__wait, lock)
#define IM_LOCK_PROBE_WAITED(lock, is_taken) DTRACE_PROBE2(intermut, lock__waited, lock, (int)(is_taken))
#define IM_LOCK_PROBE_WAKE(lock) DTRACE_PROBE1(intermut, lock__wake, lock)
#else
#define IM_LOCK_PROBE_WAIT(lock) ((void)(lock))
#define IM_LOCK_PROBE_WAITED(lock, is_taken) ((void)(lock), (void)(is_taken))
#define IM_LOCK_PROBE_WAKE(lock) ((void)(lock))
#endif

#endif
