/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include <intermut/condvar.h>
#include <intermut/mutex.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

static im_mutex(int) number;
static im_mutex_of(im_raw_poisoning, int) careful;
static im_mutex_of(im_raw_pthread, int) robust;
static im_reentrant(int) again = IM_REENTRANT_INIT(4);
static im_condvar is_there;
static im_rwlock(int) read_often;
static im_sharded_rwlock(int) read_always;

static void *give(void *nothing)
{
    im_mutex_with(n, &number) *n = 3;
    im_condvar_notify_one(&is_there);
    return nothing;
}

int main(void)
{
    pthread_t other;
    int sum = im_mutex_init_pthread(&robust, IM_PTHREAD_ROBUST);
    if (pthread_create(&other, NULL, give, NULL))
        return 1;
    im_rwlock_with_write(r, &read_often) im_rwlock_with_read(a, &read_always) *r = *a;
    im_mutex_with(n, &number)
    {
        im_condvar_wait_while(&is_there, &number, now, *now == 0);
        sum += *n;
    }
    pthread_join(other, NULL);
    im_lock2(a, &careful, b, &robust) sum += *a + *b;
    im_reentrant_with(one, &again) im_reentrant_with(two, &again) sum += *one + *two;
    im_mutex_destroy(&robust);
    return sum == 11 ? 0 : 1;
}
