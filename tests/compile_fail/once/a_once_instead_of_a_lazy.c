/* SPDX-License-Identifier: MIT */
#include <intermut/lazy.h>

typedef im_once(int) number;
typedef im_lazy(int) lazy_number;

/* case: lazy_clear_poison_of_a_once */
/* error: lazy: clear_poison needs an im_lazy */
#ifdef BROKEN_lazy_clear_poison_of_a_once
void use_lazy_clear_poison_of_a_once(const number *self)
#else
void use_lazy_clear_poison_of_a_once(const lazy_number *self)
#endif
{
    (void)im_lazy_clear_poison(self);
}

/* case: lazy_get_of_a_once */
/* error: lazy: get needs an im_lazy */
#ifdef BROKEN_lazy_get_of_a_once
void use_lazy_get_of_a_once(const number *self)
#else
void use_lazy_get_of_a_once(const lazy_number *self)
#endif
{
    (void)im_lazy_get(self);
}

/* case: lazy_is_poisoned_of_a_once */
/* error: lazy: is_poisoned needs an im_lazy */
#ifdef BROKEN_lazy_is_poisoned_of_a_once
void use_lazy_is_poisoned_of_a_once(const number *self)
#else
void use_lazy_is_poisoned_of_a_once(const lazy_number *self)
#endif
{
    (void)im_lazy_is_poisoned(self);
}

/* case: lazy_peek_of_a_once */
/* error: lazy: peek needs an im_lazy */
#ifdef BROKEN_lazy_peek_of_a_once
void use_lazy_peek_of_a_once(const number *self)
#else
void use_lazy_peek_of_a_once(const lazy_number *self)
#endif
{
    (void)im_lazy_peek(self);
}

/* case: lazy_try_get_of_a_once */
/* error: lazy: try_get needs an im_lazy */
#ifdef BROKEN_lazy_try_get_of_a_once
void use_lazy_try_get_of_a_once(const number *self)
#else
void use_lazy_try_get_of_a_once(const lazy_number *self)
#endif
{
    const int *at;
    (void)im_lazy_try_get(self, &at);
}

/* case: once_get_of_a_lazy */
/* error: once: get needs an im_once */
#ifdef BROKEN_once_get_of_a_lazy
void use_once_get_of_a_lazy(const lazy_number *self)
#else
void use_once_get_of_a_lazy(const number *self)
#endif
{
    (void)im_once_get(self);
}
