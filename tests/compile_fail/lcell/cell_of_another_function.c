/* SPDX-License-Identifier: MIT */
/* error gcc: 'local' undeclared */
/* error clang: use of undeclared identifier 'local' */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(shared);

int first(void)
{
    IM_LCELL_OWNER(local);
    im_lcell(local, int) cell = IM_LCELL_INIT(1);
    return *im_lcell_ro(&local, &cell);
}

#ifdef BROKEN
int second(const im_lcell(local, int) * cell)
#else
int second(const void *cell)
#endif
{
    im_lcell(shared, int) own = IM_LCELL_INIT(cell != 0);
    return *im_lcell_ro(&shared, &own);
}
