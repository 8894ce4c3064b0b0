/* SPDX-License-Identifier: MIT */
/* The checked build looks at where an object is before it accesses it. Built with -DIM_CHECKED=1. */
#include <criterion/criterion.h>

#include <setjmp.h>
#include <string.h>

#include <intermut/atomic_wait.h>

typedef struct {
    uint64_t word[3];
} record;
typedef im_atomic(uint64_t) atomic_u64;
typedef im_atomic(record) atomic_record;

static jmp_buf broken;
static char said[200];

static void remember(const struct im_panic_info *info)
{
    strncpy(said, info->message, sizeof said - 1);
    longjmp(broken, 1);
}

/* What a statement panics with; "" when it does not. */
#define PANIC_OF(...)                                         \
    (said[0] = '\0', (void)im_panic_set_handler(remember), ({ \
         if (setjmp(broken) == 0) {                           \
             __VA_ARGS__;                                     \
         }                                                    \
         (void)0;                                             \
     }),                                                      \
     (void)im_panic_set_handler(NULL), (const char *)said)

Test(checked, a_null_pointer_is_named)
{
    const atomic_u64 *volatile missing = NULL;
    const atomic_record *volatile no_record = NULL;
    cr_assert_str_eq(PANIC_OF((void)im_atomic_load(missing)), "atomic: `missing` is a NULL pointer");
    cr_assert_str_eq(PANIC_OF(im_atomic_store(no_record, (record){{0}})), "atomic: `no_record` is a NULL pointer");
    cr_assert_str_eq(PANIC_OF((void)im_atomic_fetch_add(missing, 1)), "atomic: `missing` is a NULL pointer");
    cr_assert_str_eq(PANIC_OF((void)im_atomic_wait(missing, 1)), "atomic: `missing` is a NULL pointer");
}

/* An access that went over two cache lines would lock the bus. */
Test(checked, an_object_at_a_wrong_address_is_refused_before_it_is_accessed)
{
    static _Alignas(64) unsigned char memory[128];
    const atomic_u64 *split = (const void *)(memory + 60);
    cr_assert(strstr(PANIC_OF(im_atomic_store(split, ~(uint64_t)0)), "is not aligned to 8 bytes"));
    cr_assert(strstr(said, "atomic: `split` at 0x"));
    for (size_t i = 0; i < sizeof memory; i++)
        cr_assert_eq(memory[i], 0, "nothing was stored");
}

Test(checked, what_is_right_goes_on)
{
    static atomic_u64 number;
    static atomic_record value;
    cr_assert_str_eq(PANIC_OF({
                         im_atomic_store(&number, 5);
                         (void)im_atomic_fetch_add(&number, im_atomic_load(&value).word[0]);
                         (void)im_atomic_fetch_update(&value, v, v);
                     }),
                     "");
    cr_assert_eq(im_atomic_load(&number), 5);
}
