/* SPDX-License-Identifier: MIT */
/*
 * A shop in three parts, each behind its own lock. Every function below is right by itself, the threads never meet here,
 * and the program has never hung. Compiled with -DIM_CHECKED=1 it says all the same how it could, and exits with 1: three
 * threads that are each in the middle of another one of these functions would wait for each other in a circle.
 */
#include <pthread.h>
#include <stdio.h>

#include <intermut/mutex.h>

typedef im_mutex(unsigned) counter;

static counter orders, invoices;
static counter stock = IM_MUTEX_INIT(20);

static void *place_order(void *unused)
{
    im_mutex_with(ordered, &orders)
    {
        im_mutex_with(left, &stock)
        {
            *left -= 5;
            *ordered += 5;
        }
    }
    return unused;
}

static void *restock(void *unused)
{
    im_mutex_with(left, &stock)
    {
        *left += 8;
        im_mutex_with(written, &invoices) *written += 1; /* ours to pay */
    }
    return unused;
}

static void *close_month(void *unused)
{
    im_mutex_with(written, &invoices)
    {
        im_mutex_with(ordered, &orders)
        {
            *written += *ordered;
            *ordered = 0;
        }
    }
    return unused;
}

static void run(void *(*job)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, job, NULL) == 0)
        pthread_join(thread, NULL);
}

static int dangers;

static void explain(const struct im_panic_info *danger)
{
    im_panic_print(danger); /* and go on: nobody hangs yet */
    dangers++;
}

int main(void)
{
    im_lock_set_handler(explain);
    for (int month = 0; month < 2; month++) {
        run(place_order);
        run(restock);
        run(close_month);
    }
    printf("%u ordered, %u in stock, %u invoices\n", *im_mutex_get_mut(&orders), *im_mutex_get_mut(&stock),
           *im_mutex_get_mut(&invoices));
    return dangers > 0;
}
