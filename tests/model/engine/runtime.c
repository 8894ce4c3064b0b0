/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls: the callbacks of -fsanitize=thread, linked instead of libtsan, so that plain accesses of the
 * untouched code under test reach shadow.c; and the library functions that model_force.h renames.
 *
 * The callbacks of atomic accesses are left out on purpose: code under test that does not go through
 * <intermut/sync.h> does not link.
 */
#include "engine.h"

#include <string.h>

#define CALLER ((uintptr_t)__builtin_return_address(0))

#define PLAIN_CALLBACKS(suffix, size)                          \
    void __tsan_read##suffix(void *address);                   \
    void __tsan_read##suffix(void *address)                    \
    {                                                          \
        shadow_plain((uintptr_t)address, size, false, CALLER); \
    }                                                          \
    void __tsan_write##suffix(void *address);                  \
    void __tsan_write##suffix(void *address)                   \
    {                                                          \
        shadow_plain((uintptr_t)address, size, true, CALLER);  \
    }                                                          \
    void __tsan_read_write##suffix(void *address);             \
    void __tsan_read_write##suffix(void *address)              \
    {                                                          \
        shadow_plain((uintptr_t)address, size, true, CALLER);  \
    }

#define UNALIGNED_CALLBACKS(size)                              \
    void __tsan_unaligned_read##size(void *address);           \
    void __tsan_unaligned_read##size(void *address)            \
    {                                                          \
        shadow_plain((uintptr_t)address, size, false, CALLER); \
    }                                                          \
    void __tsan_unaligned_write##size(void *address);          \
    void __tsan_unaligned_write##size(void *address)           \
    {                                                          \
        shadow_plain((uintptr_t)address, size, true, CALLER);  \
    }

PLAIN_CALLBACKS(1, 1)
PLAIN_CALLBACKS(2, 2)
PLAIN_CALLBACKS(4, 4)
PLAIN_CALLBACKS(8, 8)
PLAIN_CALLBACKS(16, 16)
UNALIGNED_CALLBACKS(2)
UNALIGNED_CALLBACKS(4)
UNALIGNED_CALLBACKS(8)
UNALIGNED_CALLBACKS(16)

void __tsan_read_range(void *start, size_t bytes);
void __tsan_read_range(void *start, size_t bytes)
{
    shadow_plain((uintptr_t)start, bytes, false, CALLER);
}

void __tsan_write_range(void *start, size_t bytes);
void __tsan_write_range(void *start, size_t bytes)
{
    shadow_plain((uintptr_t)start, bytes, true, CALLER);
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

void *im_model_memcpy(void *to, const void *from, size_t bytes);
void *im_model_memcpy(void *to, const void *from, size_t bytes)
{
    shadow_plain((uintptr_t)from, bytes, false, CALLER);
    shadow_plain((uintptr_t)to, bytes, true, CALLER);
    return memcpy(to, from, bytes);
}

void *im_model_memmove(void *to, const void *from, size_t bytes);
void *im_model_memmove(void *to, const void *from, size_t bytes)
{
    shadow_plain((uintptr_t)from, bytes, false, CALLER);
    shadow_plain((uintptr_t)to, bytes, true, CALLER);
    return memmove(to, from, bytes);
}

void *im_model_memset(void *start, int value, size_t bytes);
void *im_model_memset(void *start, int value, size_t bytes)
{
    shadow_plain((uintptr_t)start, bytes, true, CALLER);
    return memset(start, value, bytes);
}

int im_model_memcmp(const void *a, const void *b, size_t bytes);
int im_model_memcmp(const void *a, const void *b, size_t bytes)
{
    shadow_plain((uintptr_t)a, bytes, false, CALLER);
    shadow_plain((uintptr_t)b, bytes, false, CALLER);
    return memcmp(a, b, bytes);
}

void im_model_abort(void) __attribute__((noreturn));
void im_model_abort(void)
{
    im_model_fail("abort() called");
}

int (*im_model_starter)(void (*work)(void *argument), void *argument);
