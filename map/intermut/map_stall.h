/* SPDX-License-Identifier: MIT */
/**
 * @file map_stall.h
 * A reader that does not leave its section: who is told, and after how long.
 *
 * What a map gives back (replaced tables, removed keys and values) waits for a grace period: until all read sections
 * that were open are left. A thread that stays in one, since it sleeps there or never closed it, holds up the memory of
 * all maps of its flavour, and then their writers. Nothing breaks, only slowly nothing goes on any more; so it is said:
 *
 *     im_map_on_stall(im_map_print_stall, NULL, 10 * UINT64_C(1000000000));     // 10 s; once, in main
 *
 *     intermut: map: route_map has waited 10.0 s for read sections of flavour bp, in thread 4711
 *       reads route_map since 10.3 s: thread 4712, router.c:212 in forward()
 *
 * Who reads is known in a checked build (-DIM_CHECKED=1), of the sections that checked code opened; otherwise only that
 * somebody does: a debugger shows which thread is inside. A qsbr thread that reports no quiescent state is a reader.
 * The Linux kernel's "RCU CPU stall warning" is the model.
 */
#ifndef INTERMUT_MAP_STALL_H
#define INTERMUT_MAP_STALL_H

#include <stddef.h>
#include <stdint.h>

#include <intermut/panic.h>

IM_BEGIN_DECLS

/** An open read section that a grace period waits for. */
struct im_map_reader {
    const char *map_name;  /**< IM_MAP_NAME of the map that is read */
    struct im_site opened; /**< without a file: by NAME_read_lock, which does not know where it is called */
    long thread;           /**< the kernel's number of the thread that opened it */
    uint64_t inside_ns;    /**< since then */
};

/** A grace period that lasts. Valid until the handler returns. */
struct im_map_stall {
    const char *map_name; /**< IM_MAP_NAME of the map that waits */
    const void *map;      /**< its address, to compare; not to be looked at: the wait may just be over */
    const char *flavour;  /**< of read sections: "bp", "memb", "qsbr" */
    uint64_t waited_ns;   /**< so far */
    long thread;          /**< the kernel's number of the thread that waits: a writer, or the map's helper */
    const struct im_map_reader *readers; /**< those that are known, the one that is inside longest first; may be none */
    size_t reader_count;
};

/**
 * Is told of a stall. It runs in a thread of the library, and may take its time; whoever waits goes on meanwhile when the
 * reader leaves. It may read maps of flavour bp, and must not change any.
 */
typedef void im_map_stall_handler(const struct im_map_stall *stall, void *context);

/**
 * From now on, for all maps: call `handler(stall, context)` when a grace period has lasted `after_ns`, and again each time
 * that it has lasted twice as long. NULL, the default: nobody is told, and there is no thread for it.
 *
 * Any thread, at any time; grace periods that are under way already are not looked at. When it returns, the handler before
 * it is not running any more. 0; EINVAL for a handler with `after_ns` 0; EDEADLK from inside of a handler.
 * Cost: about 100 ns for each grace period, and a thread as long as there are grace periods.
 */
int im_map_on_stall(im_map_stall_handler *handler, void *context, uint64_t after_ns);

/** A handler that writes the stall to standard error, as above. */
void im_map_print_stall(const struct im_map_stall *stall, void *context);

IM_END_DECLS

#endif
