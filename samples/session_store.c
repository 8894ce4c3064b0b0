/* SPDX-License-Identifier: MIT */
/*
 * The sessions of a web server: found by their names, each behind a lock of its own, inside the table.
 *
 * Workers serve requests, which open sessions and change them, while the table grows; a janitor ends those that nobody
 * has used for a while. A worker holds one session at a time, and only inside its block: growth and expiry wait for
 * that, so nobody ever changes a session that has moved on, or ends one that somebody is in.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic.h>
#include <intermut/mutex.h>

struct session_state {
    unsigned long last_used; /* on the server's clock, which counts requests */
    unsigned requests;
    char *page; /* the last one; owned */
};
typedef im_mutex(struct session_state) session;

#define IM_MAP_NAME session_map
#define IM_MAP_STRING_KEY
#define IM_MAP_SHARED_VALUE session
#define IM_MAP_DROP_VALUE(value) free(im_mutex_get_mut(value)->page)
#include <intermut/map.h>

enum { WORKERS = 3, REQUESTS = 20000, USERS = 2000, LIFETIME = 1000 };

struct server {
    session_map sessions;
    im_atomic(unsigned long) clock;
    im_atomic(unsigned long) served, expired; /* expired: requests of sessions that have ended */
    im_atomic(bool) stopping;
};

/* False: out of memory. */
static bool serve(const struct server *server, struct im_slice user, unsigned number)
{
    const unsigned long now = im_atomic_fetch_add(&server->clock, 1);
    im_map_with_or_insert(session_map, found, &server->sessions, user, (session){.im_value = {.last_used = now}}) {
        im_mutex_with(state, found)
        {
            char *page = malloc(16);
            if (!page)
                return false; /* unlocks, and leaves the table */
            snprintf(page, 16, "/page/%u", number % 100);
            free(state->page);
            state->page = page;
            state->requests++;
            state->last_used = now;
        }
        im_atomic_fetch_add(&server->served, 1);
        return true;
    }
    return false;
}

static void *work(void *argument)
{
    const struct server *server = argument;
    unsigned random = 1;
    for (unsigned i = 0; i < REQUESTS; i++) {
        char user[24];
        random = random * 1664525u + 1013904223u;
        snprintf(user, sizeof user, "user %u", (random >> 8) % USERS);
        if (!serve(server, im_slice_of(user), i))
            exit(EXIT_FAILURE);
    }
    return NULL;
}

/* Nobody is inside any session while the table asks. */
static bool is_in_use(struct im_slice user, const session *one, void *argument)
{
    const struct server *server = argument;
    (void)user;
    im_mutex_with(state, one)
    {
        if (state->last_used + LIFETIME > im_atomic_load(&server->clock))
            return true;
        im_atomic_fetch_add(&server->expired, state->requests);
    }
    return false;
}

static void *clean_up(void *argument)
{
    struct server *server = argument;
    while (!im_atomic_load(&server->stopping))
        session_map_retain(&server->sessions, is_in_use, server);
    return NULL;
}

static int add_requests(struct im_slice user, const session *one, void *sum)
{
    (void)user;
    im_mutex_with(state, one) * (unsigned long *)sum += state->requests;
    return 0;
}

int main(void)
{
    static struct server server; /* zeroed: an empty map */
    pthread_t workers[WORKERS], janitor;
    if (pthread_create(&janitor, NULL, clean_up, &server))
        return EXIT_FAILURE;
    for (int i = 0; i < WORKERS; i++) {
        if (pthread_create(&workers[i], NULL, work, &server))
            return EXIT_FAILURE;
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    im_atomic_store(&server.stopping, true);
    pthread_join(janitor, NULL);

    unsigned long requests = im_atomic_load(&server.expired);
    session_map_for_each(&server.sessions, add_requests, &requests);
    printf("%lu requests served, %lu of them in sessions\n", im_atomic_load(&server.served), requests);
    im_atomic_fetch_add(&server.clock, LIFETIME);
    session_map_retain(&server.sessions, is_in_use, &server);
    printf("%zu sessions when all have gone\n", session_map_len(&server.sessions));
    session_map_destroy(&server.sessions);
    return requests == WORKERS * REQUESTS ? EXIT_SUCCESS : EXIT_FAILURE;
}
