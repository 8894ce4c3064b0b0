/* SPDX-License-Identifier: MIT */
/*
 * The route cache of a router: packets come in bursts and are looked up a burst at a time, while routes are replaced.
 *
 * get_many lets the memory of all packets of a burst be fetched at once, instead of one after the other. The flavour
 * qsbr makes the rest as cheap as it can be: a forwarder does nothing for a lookup but to look, and says between two
 * bursts that it holds nothing. A route is frozen, so one that was found is whole, whatever is replaced meanwhile.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic.h>

typedef struct {
    uint32_t gateway;
    uint32_t port; /* always gateway + 1 here: what forwarders check */
} route;
IM_FREEZE(route);

#define IM_MAP_NAME route_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE route
#define IM_MAP_RCU qsbr
#include <intermut/map.h>

enum { FORWARDERS = 3, BURST = 32, BURSTS = 10000, NETWORKS = 20000, ROUTED_NETWORKS = 15000, UPDATES = 10 };

struct router {
    route_map routes;
    im_atomic(uint64_t) forwarded, without_route, torn; /* packets */
};

static void forward(const struct router *router, const uint32_t networks[BURST])
{
    route_map_maybe found[BURST];
    const size_t routed = route_map_get_many(&router->routes, networks, BURST, found);
    for (int i = 0; i < BURST; i++) {
        if (found[i].some && found[i].value.port != found[i].value.gateway + 1)
            im_atomic_fetch_add(&router->torn, 1);
    }
    im_atomic_fetch_add(&router->forwarded, routed);
    im_atomic_fetch_add(&router->without_route, BURST - routed);
}

static void *run_forwarder(void *argument)
{
    uint32_t packet = 0, networks[BURST];
    urcu_qsbr_register_thread();
    for (int burst = 0; burst < BURSTS; burst++) {
        for (int i = 0; i < BURST; i++)
            networks[i] = packet++ % NETWORKS;
        forward(argument, networks);
        urcu_qsbr_quiescent_state(); /* or writers would wait for this thread for ever */
    }
    urcu_qsbr_unregister_thread();
    return NULL;
}

static void set_routes(const struct router *router, uint32_t update)
{
    for (uint32_t network = 0; network < ROUTED_NETWORKS; network++) {
        if (route_map_put(&router->routes, network, (route){network + update, network + update + 1}, NULL))
            exit(EXIT_FAILURE);
    }
}

int main(void)
{
    static struct router router; /* zeroed: an empty map */
    pthread_t forwarders[FORWARDERS];
    set_routes(&router, 0);
    for (int i = 0; i < FORWARDERS; i++) {
        if (pthread_create(&forwarders[i], NULL, run_forwarder, &router))
            return EXIT_FAILURE;
    }
    for (uint32_t update = 1; update <= UPDATES; update++)
        set_routes(&router, update);
    for (int i = 0; i < FORWARDERS; i++)
        pthread_join(forwarders[i], NULL);

    const uint64_t torn = im_atomic_load(&router.torn);
    printf("%lu packets forwarded, %lu without a route, %lu by a torn one\n", im_atomic_load(&router.forwarded),
           im_atomic_load(&router.without_route), torn);
    route_map_destroy(&router.routes);
    return torn > 0;
}
