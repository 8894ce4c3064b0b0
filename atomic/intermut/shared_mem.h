/* SPDX-License-Identifier: MIT */
/**
 * @file shared_mem.h
 * A piece of memory that threads, or processes, read and write at the same time, at any offset and length.
 *
 * Use it for what is bytes and not a value: a frame buffer, a flight recorder, a region that another process maps. Not
 * where a reader must see all of a write or nothing: that is an im_atomic or im_seqlock.
 *
 *     struct im_shared_mem *memory;
 *     int error = im_shared_mem_create(4096, &memory);
 *     ...
 *     error = im_shared_mem_write_bytes(memory, 64, sizeof header, &header);     // any thread
 *     error = im_shared_mem_read_bytes(memory, 64, sizeof header, &header);      // any other
 *     ...
 *     im_shared_mem_destroy(memory);
 *
 * Many may hold one memory: im_shared_mem_clone() is one more holder, im_shared_mem_destroy() one less, and the last one
 * gives the memory back.
 *
 * What may be torn. An aligned word of 1, 2, 4 or 8 bytes that lies inside the range of a read and inside the range of a
 * write is seen old or new, never in between; aligned means: its offset is a multiple of its size. All other bytes
 * arrive in any mixture. Nothing is ordered: what one thread writes first another may see last. There is no data
 * race in C11's words (relaxed atomic words, or 16-byte moves that the compiler does not see into), so nothing is undefined.
 * With processes the same holds if all go through these functions, or through atomics of those sizes.
 *
 * Errors: EINVAL for a NULL pointer, ERANGE for a range that is not inside (nothing is read or written, not in part
 * either), ENOMEM and what the system says for creating. errno is untouched.
 * Cost: that of memcpy for some kilobytes and more; see <intermut/racy_copy.h>. Source: the question of seed 002.
 */
#ifndef INTERMUT_SHARED_MEM_H
#define INTERMUT_SHARED_MEM_H

#include <stddef.h>

#include <intermut/compiler.h>

/** A holder of shared memory. Only used through pointers. */
struct im_shared_mem;

IM_BEGIN_DECLS

/** Memory of `bytes` zeroed bytes, also 0, for the threads of this process; to *memory. 0, or ENOMEM. */
int im_shared_mem_create(size_t bytes, struct im_shared_mem **memory);

/**
 * The same for several processes: children see it after fork(), others map it by its file descriptor. `bytes` > 0. The
 * file has no name, and its size is sealed, so that nobody can shorten it under a reader.
 * 0, or EINVAL (bytes is 0), ENOMEM, ENOSYS, EMFILE, ENFILE.
 */
int im_shared_mem_create_for_processes(size_t bytes, struct im_shared_mem **memory);

/**
 * The memory of another process, by a file descriptor that is im_shared_mem_fd() there; to *memory. The descriptor stays
 * the caller's. 0, or EPERM (its size is not sealed), EBADF, ENOMEM and others of fcntl(), fstat(), dup() and mmap().
 */
int im_shared_mem_attach(int fd, struct im_shared_mem **memory);

/** The file descriptor to hand to another process (fork, SCM_RIGHTS), close-on-exec; -1 when there is none. Shared. */
int im_shared_mem_fd(const struct im_shared_mem *memory);

/** One more holder of the same memory, for another thread or owner; to be destroyed, too. Shared. Never fails. */
struct im_shared_mem *im_shared_mem_clone(const struct im_shared_mem *memory);

/** One holder less; the last one ends the memory in this process. NULL does nothing. */
void im_shared_mem_destroy(struct im_shared_mem *memory);

/** How many bytes it has. Shared. */
size_t im_shared_mem_len(const struct im_shared_mem *memory);

/** Copy `bytes` bytes from `offset` on to the private `to`. 0, EINVAL or ERANGE. Shared. */
int im_shared_mem_read_bytes(const struct im_shared_mem *memory, size_t offset, size_t bytes, void *to);

/** Copy `bytes` bytes at the private `from` to `offset` and on. 0, EINVAL or ERANGE. Shared. */
int im_shared_mem_write_bytes(const struct im_shared_mem *memory, size_t offset, size_t bytes, const void *from);

IM_END_DECLS

#endif
