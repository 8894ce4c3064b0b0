// SPDX-License-Identifier: MIT
// Lets Google Benchmark time the contenders: threads, repetitions, interleaving and JSON are its work.
//
// Own options, before Google Benchmark's: --smoke (every row small and short: does it run?).
#include "shared.h"

#include <benchmark/benchmark.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <cstring>
#include <memory>
#include <vector>

static bench_contender *contenders;

// Contenders enter themselves before main(), in an order that does not matter.
extern "C" void bench_add(bench_contender *contender)
{
    contender->following = contenders;
    contenders = contender;
}

#ifdef BENCH_RUST
extern "C" void bench_rust_enter();
#endif

namespace
{

constexpr uint64_t smoke_entries = 500;
constexpr uint64_t smoke_iterations = 2000;

std::vector<int> allowed_cpus()
{
    cpu_set_t set;
    std::vector<int> cpus;
    sched_getaffinity(0, sizeof(set), &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            cpus.push_back(cpu);
    return cpus;
}

const std::vector<int> cpus = allowed_cpus();

// Thread 0 goes on the last core: the first one takes most interrupts.
void pin(uint32_t thread)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpus[cpus.size() - 1 - thread % cpus.size()], &set);
    pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

// Setup runs free: helper threads that a library starts there must not inherit the core of thread 0.
void unpin()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int cpu : cpus)
        CPU_SET(cpu, &set);
    pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

struct plan {
    bench_contender *contender;
    uint32_t threads;
    uint64_t entries;
    uint64_t iterations; // 0: by minimum time
};

plan plan_of(bench_contender *contender, bool smoke)
{
    const bench_row *row = bench_row_find(contender->row);
    uint32_t cores = std::max<uint32_t>(1, cpus.size() - row->has_background);
    plan p = {contender, std::min(row->threads, cores), row->entries, row->iterations};
    if (smoke) {
        p.entries = std::min(p.entries, smoke_entries);
        p.iterations = std::min(p.iterations, smoke_iterations);
    }
    if (row->fills)
        p.iterations = p.entries / p.threads;
    return p;
}

// The background function on its own thread: there before the loops start, gone before the subject goes.
class companion
{
  public:
    void start(const bench_contender *contender, const bench_run &run)
    {
        function = contender->background;
        context = run;
        context.thread = run.threads;
        if (function)
            pthread_create(&thread, nullptr, body, this);
    }

    void stop()
    {
        if (!function)
            return;
        bench_shared_stop(context.shared);
        pthread_join(thread, nullptr);
        bench_metric(&context, "background_ns", elapsed_ns / static_cast<double>(std::max<uint64_t>(done, 1)));
    }

  private:
    static void *body(void *argument)
    {
        auto *self = static_cast<companion *>(argument);
        pin(self->context.thread);
        auto began = std::chrono::steady_clock::now();
        self->done = self->function(&self->context);
        self->elapsed_ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - began).count();
        return nullptr;
    }

    decltype(bench_contender::background) function = nullptr;
    bench_run context = {};
    pthread_t thread = {};
    uint64_t done = 0;
    double elapsed_ns = 0;
};

// What thread 0 prepares for all threads of a measurement; they meet at Google Benchmark's start barrier.
struct measurement {
    void *subject = nullptr;
    bench_shared *shared = nullptr;
    companion background;
};

bench_run run_of(const plan &p, const measurement &m, const benchmark::State &state)
{
    bench_run run = {};
    run.iterations = static_cast<uint64_t>(state.max_iterations);
    run.thread = static_cast<uint32_t>(state.thread_index());
    run.threads = p.threads;
    run.subject = m.subject;
    run.keys = bench_keys_get(p.entries);
    run.shared = m.shared;
    return run;
}

void prepare(const plan &p, measurement &m, const benchmark::State &state)
{
    m = measurement();
    m.shared = bench_shared_new(p.threads + 1);
    bench_run run = run_of(p, m, state);
    if (p.contender->setup)
        run.subject = m.subject = p.contender->setup(&run);
    m.background.start(p.contender, run);
}

void conclude(const plan &p, measurement &m, benchmark::State &state)
{
    m.background.stop();
    bench_shared_report(
        m.shared,
        [](void *context, const char *name, double value) {
            static_cast<benchmark::State *>(context)->counters[name] = value;
        },
        &state);
    if (p.contender->teardown)
        p.contender->teardown(m.subject);
    bench_shared_free(m.shared);
}

void measure(const plan &p, measurement &m, benchmark::State &state)
{
    if (state.thread_index() == 0)
        prepare(p, m, state);
    pin(static_cast<uint32_t>(state.thread_index()));
    while (state.KeepRunningBatch(state.max_iterations)) {
        bench_run run = run_of(p, m, state);
        p.contender->loop(&run);
    }
    unpin();
    if (state.thread_index() == 0)
        conclude(p, m, state);
}

void enlist(const plan &p)
{
    auto m = std::make_shared<measurement>();
    std::string name = std::string(p.contender->row) + "|" + p.contender->name;
    auto *b = benchmark::RegisterBenchmark(name.c_str(), [p, m](benchmark::State &state) { measure(p, *m, state); });
    b->UseRealTime()->Threads(static_cast<int>(p.threads));
    if (p.iterations)
        b->Iterations(static_cast<benchmark::IterationCount>(p.iterations));
}

} // namespace

int main(int argc, char **argv)
{
    bool smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
    if (smoke)
        argv[1] = argv[0], argv++, argc--;
#ifdef BENCH_RUST
    bench_rust_enter();
#endif
    for (bench_contender *c = contenders; c; c = c->following)
        enlist(plan_of(c, smoke));
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return EXIT_FAILURE;
    benchmark::RunSpecifiedBenchmarks();
    return EXIT_SUCCESS;
}
