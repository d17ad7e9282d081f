#include "broker/core/why_queued.h"

namespace yard::broker {

using jobs::Blocker;
using jobs::Job;

namespace {

std::int64_t ms_of(Nanos duration) { return std::chrono::ceil<Millis>(duration).count(); }

std::string busy_executor(const JobDesk& desk, const Workers& workers, const Job& job) {
  if (job.executor == jobs::ExecutorKind::kWorkers) {
    const std::size_t offering = workers.offering(job.tool);
    if (offering == 0) return "no worker offers " + std::string(job.tool) + " at the moment";
    return "all workers that offer " + std::string(job.tool) + " are busy: " + std::to_string(offering);
  }
  const std::string slots = std::to_string(desk.admission(job.executor).slots());
  switch (job.executor) {
    case jobs::ExecutorKind::kThreads: return "all " + slots + " executor threads are busy";
    case jobs::ExecutorKind::kProcesses: return "as many commands run as may: " + slots;
    default: return "as many jobs of graphs run as may: " + slots;
  }
}

Blocker blocker_of(const JobDesk& desk, const Workers& workers, const Job& job, Now now) {
  Blocker blocker = desk.queue().blocker_of(job, now);
  const bool for_workers = blocker.kind == Blocker::Kind::kTurn && job.executor == jobs::ExecutorKind::kWorkers;
  return for_workers ? workers.blocker_of(job.tool) : blocker;
}

std::string turn_of(const JobDesk& desk, const Workers& workers, const Job& job) {
  std::string text = busy_executor(desk, workers, job);
  const auto turns = desk.queue().turns_of(job);
  if (turns.tenants < 2) return text;
  return text + "; " + std::to_string(turns.tenants) + " tenants take turns, and its own gets " +
         std::to_string(turns.weight) + " of " + std::to_string(turns.weights);
}

std::string holders_of(const Blocker& blocker) {
  std::string text;
  for (const std::string& holder : blocker.holders) text += (text.empty() ? ", held by " : ", ") + holder;
  return text;
}

std::string of(std::uint64_t used, std::uint64_t limit) {
  return std::to_string(used) + " of " + std::to_string(limit);
}

std::string lack_of(const Job& job, const Blocker& blocker) {
  const std::string what = std::to_string(blocker.needed) + " of " + blocker.name;
  const std::string taken = of(blocker.used, blocker.limit) + " are taken";
  const std::string kept =
      blocker.kept_for.empty() ? "" : "; the rest is kept for a job of " + blocker.kept_for + " that was there before";
  if (job.executor == jobs::ExecutorKind::kWorkers)
    return "no worker has " + what + " free; of the one that has most of it, " + taken + kept;
  return "it needs " + what + ", and " + taken + holders_of(blocker) + kept;
}

}  // namespace

std::string why_queued(const JobDesk& desk, const Workers& workers, const Job& job, Now now) {
  const Blocker blocker = blocker_of(desk, workers, job, now);
  const std::string wait = std::to_string(ms_of(blocker.wait)) + " ms";
  switch (blocker.kind) {
    case Blocker::Kind::kPause: return "an administrator paused " + blocker.name;
    case Blocker::Kind::kConcurrency:
      return blocker.name + " runs at most " + std::to_string(blocker.limit) + " jobs at once, and as many run";
    case Blocker::Kind::kRate: return "the rate of " + blocker.name + " lets the next one begin in " + wait;
    case Blocker::Kind::kResource: return lack_of(job, blocker);
    case Blocker::Kind::kBudget:
      return "it may spend " + std::to_string(blocker.needed) + " " + blocker.name +
             ", and its tenant has spent or reserved " + of(blocker.used, blocker.limit) +
             "; the budget begins anew in " + wait;
    case Blocker::Kind::kTurn: break;
  }
  return turn_of(desk, workers, job);
}

void write_limit(PackMap& map, const JobDesk& desk, const Workers& workers, const Job& job, Now now) {
  const Blocker blocker = blocker_of(desk, workers, job, now);
  PackMap limit = map.map("limit");
  limit.string("kind", name_of(blocker.kind));
  if (!blocker.name.empty()) limit.string("name", blocker.name);
  if (blocker.limit > 0) limit.natural("used", blocker.used).natural("max", blocker.limit);
  if (blocker.needed > 0) limit.natural("needed", blocker.needed);
  if (blocker.wait > Nanos::zero()) limit.integer("wait_ms", ms_of(blocker.wait));
  if (!blocker.kept_for.empty()) limit.string("kept_for", blocker.kept_for);
  if (blocker.holders.empty()) return;
  PackArray holders = limit.array("holders");
  for (const std::string& holder : blocker.holders) holders.string(holder);
}

}  // namespace yard::broker
