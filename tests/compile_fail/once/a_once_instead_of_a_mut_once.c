/* SPDX-License-Identifier: MIT */
#include <intermut/mut_once.h>

typedef im_once(int) number;
typedef im_mut_once(int) open_number;

/* case: mut_once_borrow_mut_of_a_once */
/* error: mut_once: borrow_mut needs an im_mut_once */
#ifdef BROKEN_mut_once_borrow_mut_of_a_once
void use_mut_once_borrow_mut_of_a_once(const number *self)
#else
void use_mut_once_borrow_mut_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_borrow_mut(self);
}

/* case: mut_once_get_of_a_once */
/* error: mut_once: get needs an im_mut_once */
#ifdef BROKEN_mut_once_get_of_a_once
void use_mut_once_get_of_a_once(const number *self)
#else
void use_mut_once_get_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_get(self);
}

/* case: mut_once_is_fixed_of_a_once */
/* error: mut_once: is_fixed needs an im_mut_once */
#ifdef BROKEN_mut_once_is_fixed_of_a_once
void use_mut_once_is_fixed_of_a_once(const number *self)
#else
void use_mut_once_is_fixed_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_is_fixed(self);
}

/* case: mut_once_release_mut_of_a_once */
/* error: mut_once: release_mut needs an im_mut_once */
#ifdef BROKEN_mut_once_release_mut_of_a_once
void use_mut_once_release_mut_of_a_once(const number *self)
#else
void use_mut_once_release_mut_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_release_mut(self);
}

/* case: mut_once_try_borrow_mut_of_a_once */
/* error: mut_once: try_borrow_mut needs an im_mut_once */
#ifdef BROKEN_mut_once_try_borrow_mut_of_a_once
void use_mut_once_try_borrow_mut_of_a_once(const number *self)
#else
void use_mut_once_try_borrow_mut_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_try_borrow_mut(self);
}

/* case: mut_once_try_get_of_a_once */
/* error: mut_once: try_get needs an im_mut_once */
#ifdef BROKEN_mut_once_try_get_of_a_once
void use_mut_once_try_get_of_a_once(const number *self)
#else
void use_mut_once_try_get_of_a_once(const open_number *self)
#endif
{
    (void)im_mut_once_try_get(self);
}

/* case: mut_once_try_with_mut_of_a_once */
/* error: mut_once: try_with_mut needs an im_mut_once */
#ifdef BROKEN_mut_once_try_with_mut_of_a_once
void use_mut_once_try_with_mut_of_a_once(const number *self)
#else
void use_mut_once_try_with_mut_of_a_once(const open_number *self)
#endif
{
    im_mut_once_try_with_mut(n, self) *n = 1;
}

/* case: mut_once_with_mut_of_a_once */
/* error: mut_once: with_mut needs an im_mut_once */
#ifdef BROKEN_mut_once_with_mut_of_a_once
void use_mut_once_with_mut_of_a_once(const number *self)
#else
void use_mut_once_with_mut_of_a_once(const open_number *self)
#endif
{
    im_mut_once_with_mut(n, self) *n = 1;
}
