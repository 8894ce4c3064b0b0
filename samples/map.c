/* SPDX-License-Identifier: MIT */
/*
 * The route cache of a gateway: threads look routes up while another one replaces them all, again and again.
 *
 * A route is frozen: never changed, only replaced. So whoever has found one may look at it as long as its block lasts,
 * and never sees half of the old one and half of the new.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic.h>

typedef struct {
    uint32_t gateway;
    uint32_t port; /* always gateway + 1 here: what readers check */
} route;
IM_FREEZE(route);

#define IM_MAP_NAME route_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE route
#include <intermut/map.h>

enum { READERS = 3, NETWORKS = 500, UPDATES = 20 };
struct gateway {
    route_map routes;
    im_atomic(uint64_t) lost; /* packets without a route, or with a torn one */
    im_atomic(bool) stopping;
};

/* How a packet finds its way: no lock, no copy. */
static bool forward(const struct gateway *gateway, uint32_t network)
{
    im_map_with(route_map, found, &gateway->routes, network)
        return found->port == found->gateway + 1;
    return false;
}

static void *run_reader(void *argument)
{
    const struct gateway *gateway = argument;
    do {
        for (uint32_t network = 0; network < NETWORKS; network++) {
            if (!forward(gateway, network))
                im_atomic_fetch_add(&gateway->lost, 1);
        }
    } while (!im_atomic_load(&gateway->stopping));
    return NULL;
}

static void set_routes(const struct gateway *gateway, uint32_t update)
{
    for (uint32_t network = 0; network < NETWORKS; network++) {
        if (route_map_put(&gateway->routes, network, (route){network + update, network + update + 1}, NULL))
            exit(EXIT_FAILURE);
    }
}

int main(void)
{
    static struct gateway gateway; /* zeroed: an empty map */
    set_routes(&gateway, 0);
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++) {
        if (pthread_create(&readers[i], NULL, run_reader, &gateway))
            exit(EXIT_FAILURE);
    }
    for (uint32_t update = 1; update <= UPDATES; update++)
        set_routes(&gateway, update);
    im_atomic_store(&gateway.stopping, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);

    uint64_t lost = im_atomic_load(&gateway.lost);
    printf("%zu routes, %lu packets lost\n", route_map_len(&gateway.routes), lost);
    route_map_destroy(&gateway.routes);
    return lost > 0;
}
