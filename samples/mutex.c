/* SPDX-License-Identifier: MIT */
/*
 * A bank: each account is behind its own lock, and a transfer needs two.
 *
 * Clerks move money between accounts in both directions at once. im_lock2 takes the two locks in the order of their addresses,
 * so no two clerks wait for each other, and nobody ever sees money that is on neither account or on both.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include <intermut/mutex.h>

enum { ACCOUNTS = 8, CLERKS = 4, TRANSFERS = 20000, START_CENTS = 100000 };

struct account {
    long cents;
    unsigned transfers;
};
typedef im_mutex(struct account) account_mutex;

static account_mutex accounts[ACCOUNTS];

/* False: there is not enough on it. */
static bool transfer(const account_mutex *from, const account_mutex *to, long cents)
{
    bool has_moved = false;
    im_lock2(source, from, target, to)
    {
        if (source->cents < cents)
            break; /* both are unlocked */
        source->cents -= cents, source->transfers++;
        target->cents += cents, target->transfers++;
        has_moved = true;
    }
    return has_moved;
}

static void *work(void *argument)
{
    unsigned random = *(unsigned *)argument;
    long refused = 0;
    for (int i = 0; i < TRANSFERS; i++) {
        random = random * 1664525u + 1013904223u;
        unsigned from = random >> 8 & 7, to = (from + 1 + (random >> 16) % (ACCOUNTS - 1)) % ACCOUNTS;
        refused += !transfer(&accounts[from], &accounts[to], (long)(random >> 20));
    }
    return (void *)refused;
}

int main(void)
{
    for (int i = 0; i < ACCOUNTS; i++)
        im_mutex_get_mut(&accounts[i])->cents = START_CENTS; /* nobody else is there yet: no lock */

    pthread_t clerks[CLERKS];
    unsigned seeds[CLERKS];
    long refused = 0, cents = 0, halves = 0;
    for (unsigned i = 0; i < CLERKS; i++) {
        seeds[i] = i + 1;
        if (pthread_create(&clerks[i], NULL, work, &seeds[i]))
            return 1;
    }
    for (int i = 0; i < CLERKS; i++) {
        void *result;
        pthread_join(clerks[i], &result);
        refused += (long)result;
    }
    for (int i = 0; i < ACCOUNTS; i++) {
        const struct account account = im_mutex_into_inner(&accounts[i]);
        cents += account.cents, halves += account.transfers;
    }
    printf("%d orders, %s\n", CLERKS * TRANSFERS,
           halves / 2 + refused == CLERKS * TRANSFERS ? "each is done or refused" : "?");
    printf("%ld.%02ld on %d accounts\n", cents / 100, cents % 100, ACCOUNTS);
    return cents == ACCOUNTS * START_CENTS ? 0 : 1;
}
