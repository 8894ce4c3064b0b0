/* SPDX-License-Identifier: MIT */
#include <intermut/allocator.h>
#include <intermut/panic.h>

static void stay_silent(const struct im_panic_info *info)
{
    (void)info;
}

int main(void)
{
    void *memory = im_allocate(NULL, 100, 64);
    im_release(NULL, memory, 100);
    im_panic_set_handler(stay_silent);
    return memory && im_panic_set_handler(NULL) == stay_silent ? 0 : 1;
}
