/* SPDX-License-Identifier: MIT */
/**
 * @file thread_of_use.h
 * The checked build's answer to Rust's !Sync: an object for one thread that two threads use is caught, with both places.
 *
 *     intermut: cannot set `page->hits`: another thread uses it
 *       here:  page.c:12 in read_page()   thread 4712
 *       used:  page.c:30 in main()        thread 4711
 *
 * Use is every operation through a shared pointer, a look too. The thread of the last one has the object until it hands
 * it over. What hands over:
 *
 * - an exclusive operation on either side (get_mut, into_inner, destroy): who may call it is alone with the object;
 * - im_checked_hand_over(object), where there is nothing exclusive to do: before an object goes into a queue, after it
 *   comes out of one, or before memory with such objects in it is given back while this thread lives on;
 * - a lock of <intermut/mutex.h>, rwlock.h or reentrant.h that the thread had for itself at its last use, once another
 *   thread has it so, where both were compiled for a checked build;
 * - the end of the thread, from its last thread-specific destructor on: who joined it may go on with all that it used.
 *
 * Initialising is no use. So there is no alarm for static objects and for those that a thread prepares by initialisers
 * or get_mut and then passes on, nor for a place on the stack of a thread that has ended. An order between two threads
 * that this cannot see (a lock that is not on record, a join of a third thread) makes the program right, and the alarm goes
 * off all the same: such an object wants a type for threads, or a hand-over, which says in the program what happens.
 *
 * The last use of some 16,000 objects is remembered; more push out others, of which a misuse may then be missed.
 * Concurrency: any thread; one lock. Allocates nothing. Not for signal handlers. In the child of a fork() the threads
 * that stayed behind have ended. In a plain build nothing calls these functions.
 */
#ifndef INTERMUT_THREAD_OF_USE_H
#define INTERMUT_THREAD_OF_USE_H

#include <intermut/checked.h>

/**
 * From here on another thread may use what is in `*object`: an unsync object, or a struct or an array with such ones.
 * Exclusive, with nothing borrowed. In a plain build nothing, and no cost.
 */
#define im_checked_hand_over(object) (IM_CHECKED ? (void)im_checked_handed_over(object, sizeof *(object)) : (void)0)

IM_BEGIN_DECLS

/** The same for `bytes` bytes from `start` on; gives `start`. */
void *im_checked_handed_over(void *start, size_t bytes);

/*
 * For the types that are checked.
 */

/**
 * This thread uses `object` for `operation`, as the panic will call it. Panics when a living thread has used it that
 * has not handed it over, and when `object` is NULL. Gives `object`. Without a place nothing is checked.
 */
const void *im_checked_used(const void *object, const char *operation, const struct im_place *place);

/** `object` ends here: until it is used anew, this is the place of its last use, and it belongs to no thread. */
void im_checked_ended(const void *object, const struct im_place *place);

/** Whether the last use of `object`, or its end, is known; it is written to *use, whose label stays as it is. */
bool im_checked_last_use(const void *object, struct im_panic_line *use);

IM_END_DECLS

#endif
