/* SPDX-License-Identifier: MIT */
/* error clang: atomic: this compiler does not see padding: use wait_while for a struct */
/* not seen by gcc: it knows where padding is, and leaves it out */
#include <intermut/atomic_wait.h>

typedef struct {
    char tag;
    int number;
} value;
typedef im_atomic(value) shared_value;

void use(const shared_value *self, value old)
{
#ifdef BROKEN
    (void)im_atomic_wait(self, old);
#else
    (void)im_atomic_wait_while(self, now, now.number == old.number);
#endif
}
