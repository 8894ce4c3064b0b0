/* SPDX-License-Identifier: MIT */
/* Nobody looks at what a try says. gcc warns of it when it makes code, and also behind a cast to void. */
/* options gcc: -fno-syntax-only -S -o /dev/null */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

/* case: ignored_try_borrow */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_try_borrow(const number *self)
{
#ifdef BROKEN_ignored_try_borrow
    im_refcell_try_borrow(self);
#else
    if (im_refcell_try_borrow(self))
        return;
#endif
}

/* case: ignored_try_borrow_mut */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_try_borrow_mut(const number *self)
{
#ifdef BROKEN_ignored_try_borrow_mut
    im_refcell_try_borrow_mut(self);
#else
    if (im_refcell_try_borrow_mut(self))
        return;
#endif
}

/* case: ignored_try_borrow_unguarded */
/* error gcc: ignoring return value of */
/* error clang: expression result unused */
void use_ignored_try_borrow_unguarded(const number *self)
{
#ifdef BROKEN_ignored_try_borrow_unguarded
    im_refcell_try_borrow_unguarded(self);
#else
    if (im_refcell_try_borrow_unguarded(self))
        return;
#endif
}
