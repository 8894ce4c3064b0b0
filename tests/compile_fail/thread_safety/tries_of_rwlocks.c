/* SPDX-License-Identifier: MIT */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

/* case: rwlock_read_for_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_read_for_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_read_for_no_unlock
    const int *n = im_rwlock_read_for(self, 1000);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_read_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_read_for_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_read_for_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_read_for_without_a_look
    const int *n = im_rwlock_read_for(self, 1000);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_read_unlock(self);
#else
    const int *n = im_rwlock_read_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_read_until_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_read_until_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_read_until_no_unlock
    const int *n = im_rwlock_read_until(self, 0);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_read_until(self, 0);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_read_until_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_read_until_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_read_until_without_a_look
    const int *n = im_rwlock_read_until(self, 0);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_read_unlock(self);
#else
    const int *n = im_rwlock_read_until(self, 0);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_try_read_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_read_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_try_read_no_unlock
    const int *n = im_rwlock_try_read(self);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_try_read(self);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_try_read_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_read_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_try_read_without_a_look
    const int *n = im_rwlock_try_read(self);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_read_unlock(self);
#else
    const int *n = im_rwlock_try_read(self);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_read_unlock(self);
    }
#endif
}

/* case: rwlock_try_upgradable_read_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_upgradable_read_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_try_upgradable_read_no_unlock
    const int *n = im_rwlock_try_upgradable_read(self);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_try_upgradable_read(self);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_try_upgradable_read_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_upgradable_read_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_try_upgradable_read_without_a_look
    const int *n = im_rwlock_try_upgradable_read(self);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_upgradable_unlock(self);
#else
    const int *n = im_rwlock_try_upgradable_read(self);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_try_write_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_write_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_try_write_no_unlock
    int *n = im_rwlock_try_write(self);
    if (n)
        (void)*n;
#else
    int *n = im_rwlock_try_write(self);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}

/* case: rwlock_try_write_without_a_look */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_try_write_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_try_write_without_a_look
    int *n = im_rwlock_try_write(self);
    (void)*im_rwlock_value_mut(self);
    if (n)
        im_rwlock_write_unlock(self);
#else
    int *n = im_rwlock_try_write(self);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}

/* case: rwlock_upgradable_read_for_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_upgradable_read_for_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_upgradable_read_for_no_unlock
    const int *n = im_rwlock_upgradable_read_for(self, 1000);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_upgradable_read_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_upgradable_read_for_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_upgradable_read_for_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_upgradable_read_for_without_a_look
    const int *n = im_rwlock_upgradable_read_for(self, 1000);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_upgradable_unlock(self);
#else
    const int *n = im_rwlock_upgradable_read_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_upgradable_read_until_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_upgradable_read_until_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_upgradable_read_until_no_unlock
    const int *n = im_rwlock_upgradable_read_until(self, 0);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_upgradable_read_until(self, 0);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_upgradable_read_until_without_a_look */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_upgradable_read_until_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_upgradable_read_until_without_a_look
    const int *n = im_rwlock_upgradable_read_until(self, 0);
    (void)*im_rwlock_value(self);
    if (n)
        im_rwlock_upgradable_unlock(self);
#else
    const int *n = im_rwlock_upgradable_read_until(self, 0);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}

/* case: rwlock_write_for_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_write_for_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_write_for_no_unlock
    int *n = im_rwlock_write_for(self, 1000);
    if (n)
        (void)*n;
#else
    int *n = im_rwlock_write_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}

/* case: rwlock_write_for_without_a_look */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_write_for_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_write_for_without_a_look
    int *n = im_rwlock_write_for(self, 1000);
    (void)*im_rwlock_value_mut(self);
    if (n)
        im_rwlock_write_unlock(self);
#else
    int *n = im_rwlock_write_for(self, 1000);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}

/* case: rwlock_write_until_no_unlock */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_write_until_no_unlock(const counter *self)
{
#ifdef BROKEN_rwlock_write_until_no_unlock
    int *n = im_rwlock_write_until(self, 0);
    if (n)
        (void)*n;
#else
    int *n = im_rwlock_write_until(self, 0);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}

/* case: rwlock_write_until_without_a_look */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
void use_rwlock_write_until_without_a_look(const counter *self)
{
#ifdef BROKEN_rwlock_write_until_without_a_look
    int *n = im_rwlock_write_until(self, 0);
    (void)*im_rwlock_value_mut(self);
    if (n)
        im_rwlock_write_unlock(self);
#else
    int *n = im_rwlock_write_until(self, 0);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}
