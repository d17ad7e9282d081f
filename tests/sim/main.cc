// switchyard-sim: `switchyard sim`. A seed is a whole history; a failing one is printed and can be had again.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/sim/world.h"

int main(int argc, char** argv) {
  using namespace yard::sim;
  CLI::App app{
      "Runs the broker's core with simulated clients, workers, network, disk and clock under faults drawn from a seed, "
      "and checks what must hold."};
  WorldOptions options;
  std::uint64_t seeds = 1;
  app.add_option("--seed", options.seed, "The history to play; with --seeds the first of them");
  app.add_option("--seeds", seeds, "How many, one after the other")->check(CLI::PositiveNumber);
  app.add_option("--steps", options.steps, "Steps of each before the faults stop")->check(CLI::PositiveNumber);
  app.add_flag("--canary", options.canary, "Plant a fault, a log that lies: every run should fail sooner or later");
  app.add_flag("--trace", options.trace, "Tell what happens: messages in and out, deaths");
  app.footer("Examples:\n  switchyard sim --seed 42\n  switchyard sim --seed 1 --seeds 5000\n");
  CLI11_PARSE(app, argc, argv);

  World::Tally sum;
  SimWorkers::Tally remote;
  SimSchedules::Tally scheduled;
  std::uint64_t fingerprint = 0;
  for (std::uint64_t i = 0; i < seeds; ++i, ++options.seed) {
    World world(options);
    const auto broken = world.run();
    fingerprint ^= world.fingerprint();
    const World::Tally& tally = world.tally();
    sum.submitted += tally.submitted;
    sum.acknowledged += tally.acknowledged;
    sum.kills += tally.kills;
    sum.power_losses += tally.power_losses;
    sum.ended += tally.ended;
    remote.assigned += world.workers().assigned;
    remote.acknowledged += world.workers().acknowledged;
    remote.claimed += world.workers().claimed;
    remote.revoked += world.workers().revoked;
    scheduled.acknowledged += world.schedules().acknowledged;
    scheduled.runs += world.schedules().runs;
    scheduled.waived += world.schedules().waived;
    if (broken) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed), broken->c_str());
      std::printf("again: switchyard sim --seed %llu --steps %d%s\n", static_cast<unsigned long long>(options.seed),
                  options.steps, options.canary ? " --canary" : "");
      return 1;
    }
  }
  std::printf("%llu seeds: %d submitted, %d acknowledged, %d ended, %d kills, %d power losses; fingerprint %016llx\n",
              static_cast<unsigned long long>(seeds), sum.submitted, sum.acknowledged, sum.ended, sum.kills,
              sum.power_losses, static_cast<unsigned long long>(fingerprint));
  std::printf("remote workers: %d assigned, %d results acknowledged, %d claimed after a loss, %d revoked\n",
              remote.assigned, remote.acknowledged, remote.claimed, remote.revoked);
  std::printf("schedules: %d acknowledged, %d instants with a job, %d missed\n", scheduled.acknowledged, scheduled.runs,
              scheduled.waived);
  return 0;
}
