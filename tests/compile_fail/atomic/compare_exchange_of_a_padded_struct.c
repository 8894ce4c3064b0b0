/* SPDX-License-Identifier: MIT */
/* error clang: atomic: this compiler does not see padding: use compare_exchange_by or _bytes for a struct */
/* not seen by gcc: it knows where padding is, and leaves it out */
#include <intermut/atomic.h>

typedef struct {
    char tag;
    int number;
} value;
typedef im_atomic(value) shared_value;

void use(const shared_value *self, value *expected, value desired)
{
#ifdef BROKEN
    (void)im_atomic_compare_exchange(self, expected, desired);
#else
    (void)im_atomic_compare_exchange_bytes(self, expected, desired);
#endif
}
