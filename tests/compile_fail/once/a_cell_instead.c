/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/once.h>

typedef im_once(int) number;
typedef im_cell(int) cell;

/* case: clear_poison_of_a_cell */
/* error: once: clear_poison needs an im_once */
#ifdef BROKEN_clear_poison_of_a_cell
void use_clear_poison_of_a_cell(const cell *self)
#else
void use_clear_poison_of_a_cell(const number *self)
#endif
{
    (void)im_once_clear_poison(self);
}

/* case: get_of_a_cell */
/* error: once: get needs an im_once */
#ifdef BROKEN_get_of_a_cell
void use_get_of_a_cell(const cell *self)
#else
void use_get_of_a_cell(const number *self)
#endif
{
    (void)im_once_get(self);
}

/* case: init_of_a_cell */
/* error: once: init needs an im_once */
#ifdef BROKEN_init_of_a_cell
void use_init_of_a_cell(const cell *self)
#else
void use_init_of_a_cell(const number *self)
#endif
{
    im_once_init(n, self) *n = 1;
}

/* case: is_poisoned_of_a_cell */
/* error: once: is_poisoned needs an im_once */
#ifdef BROKEN_is_poisoned_of_a_cell
void use_is_poisoned_of_a_cell(const cell *self)
#else
void use_is_poisoned_of_a_cell(const number *self)
#endif
{
    (void)im_once_is_poisoned(self);
}

/* case: set_of_a_cell */
/* error: once: set needs an im_once */
#ifdef BROKEN_set_of_a_cell
void use_set_of_a_cell(const cell *self)
#else
void use_set_of_a_cell(const number *self)
#endif
{
    (void)im_once_set(self, NULL, 1);
}

/* case: try_init_of_a_cell */
/* error: once: try_init needs an im_once */
#ifdef BROKEN_try_init_of_a_cell
void use_try_init_of_a_cell(const cell *self)
#else
void use_try_init_of_a_cell(const number *self)
#endif
{
    im_once_try_init(n, self) *n = 1;
}

/* case: try_insert_of_a_cell */
/* error: once: try_insert needs an im_once */
#ifdef BROKEN_try_insert_of_a_cell
void use_try_insert_of_a_cell(const cell *self)
#else
void use_try_insert_of_a_cell(const number *self)
#endif
{
    const int *at;
    (void)im_once_try_insert(self, &at, NULL, 1);
}

/* case: wait_for_of_a_cell */
/* error: once: wait_for needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_for_of_a_cell
void use_wait_for_of_a_cell(const cell *self)
#else
void use_wait_for_of_a_cell(const number *self)
#endif
{
    const int *at;
    (void)im_once_wait_for(self, 1, &at);
}

/* case: wait_of_a_cell */
/* error: once: wait needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_of_a_cell
void use_wait_of_a_cell(const cell *self)
#else
void use_wait_of_a_cell(const number *self)
#endif
{
    (void)im_once_wait(self);
}

/* case: wait_until_of_a_cell */
/* error: once: wait_until needs an im_once: nobody else could fill an im_unsync_once */
#ifdef BROKEN_wait_until_of_a_cell
void use_wait_until_of_a_cell(const cell *self)
#else
void use_wait_until_of_a_cell(const number *self)
#endif
{
    const int *at;
    (void)im_once_wait_until(self, 1, &at);
}
