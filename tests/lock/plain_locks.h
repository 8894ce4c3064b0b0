/* SPDX-License-Identifier: MIT */
/* What a library that was built plain does to the locks of a program that is checked. */
#ifndef PLAIN_LOCKS_H
#define PLAIN_LOCKS_H

#include <intermut/mutex.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) number_guard;
typedef im_rwlock(int) shared_number;
typedef im_reentrant(int) reentrant_number;

void plain_lock(const number *mutex);
void plain_unlock(const number *mutex);
number_guard plain_lock_guard(const number *mutex);
void plain_release(number_guard *guard);
void plain_read(const shared_number *lock);
void plain_read_unlock(const shared_number *lock);
void plain_leave(const reentrant_number *lock);
size_t plain_sizes(void);

#endif
