// switchyard-bench: `switchyard bench`. Every figure stands beside its reference, measured in the same run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "tests/bench/measure.h"
#include "tests/bench/queued_memory.h"
#include "tests/bench/road_bench.h"

int main(int argc, char** argv) {
  using namespace yard::bench;
  CLI::App app{
      "Measures Switchyard beside raw libzmq in one run and prints ratios. Absolute figures depend on the machine and "
      "its mood; the "
      "ratios are what counts. Some stand beside other brokers, where these are installed: "
      "apt-get install --no-install-recommends redis-server beanstalkd gearman-job-server."};
  std::vector<std::string> names;
  int rounds = 5;
  bool json = false;
  bool list = false;
  app.add_option("NAME", names, "Benchmarks to run: those whose name contains it; all by default");
  app.add_option("--rounds", rounds, "Rounds of ours and reference in turns")->check(CLI::Range(1, 100));
  app.add_flag("--json", json, "JSON instead of a table");
  app.add_flag("--list", list, "List the benchmarks and exit");
  int queued = 0;
  app.add_option(kQueuedMemoryFlag, queued)->group("");  // not for people: see queued_memory.h
  CLI11_PARSE(app, argc, argv);
  if (queued > 0) {
    std::printf("%f\n", measure_queued_mib(queued));
    return 0;
  }

  std::vector<Comparison> all = road_comparisons();
  for (Comparison& comparison : iopub_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : durable_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : relay_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : graph_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : engine_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : nets_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : aot_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : tickets_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : reactive_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : ports_comparisons()) all.push_back(std::move(comparison));
  for (Comparison& comparison : peer_comparisons()) all.push_back(std::move(comparison));
  std::vector<Outcome> outcomes;
  for (const Comparison& comparison : all) {
    const bool wanted = names.empty() || std::ranges::any_of(names, [&](const std::string& name) {
                          return comparison.name.contains(name);
                        });
    if (!wanted) continue;
    if (list) {
      std::printf("%s\n", comparison.name.c_str());
      continue;
    }
    std::fprintf(stderr, "running %s ...\n", comparison.name.c_str());
    outcomes.push_back(compare(comparison, rounds));
  }
  if (list) return 0;
  if (outcomes.empty()) {
    std::fprintf(stderr, "switchyard-bench: no benchmark of that name; see --list\n");
    return 2;
  }
  json ? print_json(outcomes) : print_table(outcomes);
  return 0;
}
