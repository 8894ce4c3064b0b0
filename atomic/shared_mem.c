/* SPDX-License-Identifier: MIT */
/*
 * The bytes are in memory of their own, the count of holders beside them: in a mapping between processes each has its
 * own count, and the memory ends with the last mapping.
 */
#define _GNU_SOURCE /* memfd_create and seals */
#include <intermut/shared_mem.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <intermut/allocator.h>
#include <intermut/racy_copy.h>
#include <intermut/unsafe_cell.h>

/* The offsets of aligned words are aligned addresses. */
enum { ALIGNMENT = 64, NO_FILE = -1 };

struct im_shared_mem {
    uint64_t holders; /* 64 bits: cloning once a nanosecond takes centuries to go round */
    unsigned char *bytes;
    size_t length;
    int fd;
};

/* Takes over the bytes, and the file if there is one. */
static int hold(unsigned char *bytes, size_t length, int fd, struct im_shared_mem **memory)
{
    struct im_shared_mem *new = im_allocate(NULL, sizeof *new, _Alignof(struct im_shared_mem));
    if (!new)
        return ENOMEM;
    *new = (struct im_shared_mem){.holders = 1, .bytes = bytes, .length = length, .fd = fd};
    *memory = new;
    return 0;
}

int im_shared_mem_create(size_t bytes, struct im_shared_mem **memory)
{
    if (!memory)
        return EINVAL;
    if (bytes > PTRDIFF_MAX)
        return ENOMEM;
    /* One byte for nothing, so that NULL means one thing. */
    unsigned char *start = im_allocate(NULL, bytes ? bytes : 1, ALIGNMENT);
    if (!start)
        return ENOMEM;
    memset(start, 0, bytes);
    int error = hold(start, bytes, NO_FILE, memory);
    if (error)
        im_release(NULL, start, bytes);
    return error;
}

/* Maps all of a file, which is taken over when that succeeds. */
static int map(int fd, size_t length, struct im_shared_mem **memory)
{
    void *start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED)
        return errno;
    int error = hold(start, length, fd, memory);
    if (error)
        munmap(start, length);
    return error;
}

static int create_file(size_t bytes, struct im_shared_mem **memory)
{
    if (bytes == 0)
        return EINVAL;
    if (bytes > PTRDIFF_MAX)
        return ENOMEM;
    int fd = memfd_create("im_shared_mem", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return errno;
    int error = 0;
    if (ftruncate(fd, (off_t)bytes) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        error = errno;
    if (!error)
        error = map(fd, bytes, memory);
    if (error)
        close(fd);
    return error == EFBIG ? ENOMEM : error;
}

static int attach_file(int theirs, struct im_shared_mem **memory)
{
    struct stat status;
    int seals = fcntl(theirs, F_GET_SEALS);
    if (seals < 0)
        return errno == EINVAL ? EPERM : errno; /* no file that can be sealed */
    if (!(seals & F_SEAL_SHRINK))
        return EPERM;
    if (fstat(theirs, &status) != 0)
        return errno;
    int fd = fcntl(theirs, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    int error = map(fd, (size_t)status.st_size, memory);
    if (error)
        close(fd);
    return error;
}

int im_shared_mem_create_for_processes(size_t bytes, struct im_shared_mem **memory)
{
    int saved_errno = errno;
    int error = memory ? create_file(bytes, memory) : EINVAL;
    errno = saved_errno;
    return error;
}

int im_shared_mem_attach(int fd, struct im_shared_mem **memory)
{
    int saved_errno = errno;
    int error = memory ? attach_file(fd, memory) : EINVAL;
    errno = saved_errno;
    return error;
}

int im_shared_mem_fd(const struct im_shared_mem *memory)
{
    return memory->fd;
}

struct im_shared_mem *im_shared_mem_clone(const struct im_shared_mem *memory)
{
    struct im_shared_mem *clone = im_unsafe_unconst(memory);
    /* Relaxed: who clones holds one already, so the memory does not end meanwhile. */
    im_sync_fetch_add(&clone->holders, 1, memory_order_relaxed);
    return clone;
}

void im_shared_mem_destroy(struct im_shared_mem *memory)
{
    /* Release, for what this holder did; acquire, for what all others did: pairs with the releases of theirs. */
    if (!memory || im_sync_fetch_sub(&memory->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (memory->fd == NO_FILE) {
        im_release(NULL, memory->bytes, memory->length);
    } else {
        int saved_errno = errno;
        munmap(memory->bytes, memory->length);
        close(memory->fd);
        errno = saved_errno;
    }
    im_release(NULL, memory, sizeof *memory);
}

size_t im_shared_mem_len(const struct im_shared_mem *memory)
{
    return memory->length;
}

/* 0 if the range is inside. In this form nothing overflows. */
static int check(const struct im_shared_mem *memory, size_t offset, size_t bytes, const void *private)
{
    if (!memory || (!private && bytes > 0))
        return EINVAL;
    return offset <= memory->length && bytes <= memory->length - offset ? 0 : ERANGE;
}

int im_shared_mem_read_bytes(const struct im_shared_mem *memory, size_t offset, size_t bytes, void *to)
{
    int error = check(memory, offset, bytes, to);
    if (!error)
        im_racy_load(to, memory->bytes + offset, bytes);
    return error;
}

int im_shared_mem_write_bytes(const struct im_shared_mem *memory, size_t offset, size_t bytes, const void *from)
{
    int error = check(memory, offset, bytes, from);
    if (!error)
        im_racy_store(memory->bytes + offset, from, bytes);
    return error;
}
