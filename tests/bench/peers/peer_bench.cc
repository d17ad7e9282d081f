// Jobs beside other brokers, where they are installed.
#include "tests/bench/durable_broker.h"
#include "tests/bench/measure.h"
#include "tests/bench/peers/beanstalkd.h"
#include "tests/bench/peers/gearmand.h"
#include "tests/bench/peers/redis.h"
#include "tests/bench/queued_memory.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

constexpr int kJobs = 100'000;
constexpr int kSyncedJobs = 40'000;
constexpr int kSlowJobs = 500;  // of a peer that syncs each job by itself, several times
constexpr int kQueuedJobs = 1'000'000;

std::string missing(std::string_view program, std::string_view package) {
  if (find_program(program)) return "";
  return "not installed: apt-get install " + std::string(package);
}

struct MemoryBroker {
  testing::BrokerFixture broker;
  testing::RawSession session{broker.endpoints()};
};

struct SyncedBeanstalkd : Beanstalkd {
  SyncedBeanstalkd() : Beanstalkd(Log::kSynced) {}
};

}  // namespace

std::vector<Comparison> peer_comparisons() {
  const auto durable = lazily<DurableBroker>();
  const auto memory = lazily<MemoryBroker>();
  const auto redis = lazily<Redis>();
  const auto beanstalkd = lazily<SyncedBeanstalkd>();
  const auto gearmand = lazily<Gearmand>();
  const auto synced_jobs = [durable] { return jobs_k(durable().session, "noop", kSyncedJobs); };
  const std::string no_beanstalkd = missing(Beanstalkd::kProgram, "beanstalkd");
  std::vector<Comparison> all;
  all.push_back({.name = "synced jobs beside Redis",
                 .reference_name = "Redis lists, appendfsync always, a worker on its unix socket",
                 .unit = "k/s",
                 .reach_for = 1,
                 .ours = synced_jobs,
                 .reference = [redis] { return redis().jobs_k(kSyncedJobs, kJobWindow); },
                 .missing = missing(Redis::kProgram, "redis-server")});
  all.push_back({.name = "synced jobs beside beanstalkd",
                 .reference_name = "beanstalkd -f 0, a worker on its unix socket",
                 .unit = "k/s",
                 .reach_for = 20,
                 .ours = synced_jobs,
                 .reference = [beanstalkd] { return beanstalkd().jobs_k(kSlowJobs, kJobWindow); },
                 .missing = no_beanstalkd});
  all.push_back({.name = "jobs beside gearmand",
                 .reference_name = "gearmand, foreground, a worker on its tcp port",
                 .unit = "k/s",
                 .reach_for = 1.5,
                 .ours = [memory] { return jobs_k(memory().session, "noop", kJobs); },
                 .reference = [gearmand] { return gearmand().jobs_k(kJobs, kJobWindow); },
                 .missing = missing(Gearmand::kProgram, "gearman-job-server")});
  all.push_back({.name = "memory of 10^6 queued jobs",
                 .reference_name = "beanstalkd, the same jobs",
                 .unit = "MiB",
                 .reach_for = 1,
                 .smaller_is_better = true,
                 .ours = [] { return queued_mib(kQueuedJobs); },
                 .reference = [] { return Beanstalkd(Beanstalkd::Log::kNone).queued_mib(kQueuedJobs); },
                 .missing = no_beanstalkd});
  return all;
}

}  // namespace yard::bench
