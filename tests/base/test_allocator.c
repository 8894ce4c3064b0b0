/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdint.h>

#include <intermut/allocator.h>

struct ledger {
    size_t allocated;
    size_t released;
};

#if IM_ADDRESS_SANITIZER
/* Sizes that no machine has are NULL here too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
#endif

static char arena[256];

static void *lend(void *context, size_t bytes, size_t alignment)
{
    struct ledger *ledger = context;
    (void)alignment;
    ledger->allocated += bytes;
    return arena;
}

static void take_back(void *context, void *memory, size_t bytes)
{
    struct ledger *ledger = context;
    cr_assert_eq(memory, (void *)arena);
    ledger->released += bytes;
}

Test(allocator, default_is_the_c_library)
{
    char *memory = im_allocate(NULL, 100, 1);
    cr_assert_not_null(memory);
    memory[99] = 'x';
    im_release(NULL, memory, 100);
}

Test(allocator, default_aligns_as_asked)
{
    void *memory = im_allocate(NULL, 1, 4096);
    cr_assert_eq((uintptr_t)memory % 4096, 0);
    im_release(NULL, memory, 1);
}

Test(allocator, default_says_no_with_null)
{
    cr_assert_null(im_allocate(NULL, PTRDIFF_MAX, 1));
    cr_assert_null(im_allocate(NULL, PTRDIFF_MAX, 128));
}

Test(allocator, own_allocator_is_asked_and_told)
{
    struct ledger ledger = {0};
    const struct im_allocator allocator = {lend, take_back, &ledger};
    void *memory = im_allocate(&allocator, 24, 8);
    im_release(&allocator, memory, 24);
    cr_assert_eq(ledger.allocated, 24);
    cr_assert_eq(ledger.released, 24);
}

Test(allocator, releasing_null_does_nothing)
{
    struct ledger ledger = {0};
    const struct im_allocator allocator = {lend, take_back, &ledger};
    im_release(&allocator, NULL, 24);
    im_release(NULL, NULL, 24);
    cr_assert_eq(ledger.released, 0);
}
