/* SPDX-License-Identifier: MIT */
#include <intermut/allocator.h>

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

void *im_allocate(const struct im_allocator *allocator, size_t bytes, size_t alignment)
{
    if (allocator)
        return allocator->allocate(allocator->context, bytes, alignment);
    void *memory = NULL;
    int saved_errno = errno;
    if (alignment <= alignof(max_align_t))
        memory = malloc(bytes);
    else if (posix_memalign(&memory, alignment, bytes) != 0)
        memory = NULL;
    errno = saved_errno;
    return memory;
}

void im_release(const struct im_allocator *allocator, void *memory, size_t bytes)
{
    if (!memory)
        return;
    if (allocator)
        allocator->release(allocator->context, memory, bytes);
    else
        free(memory);
}
