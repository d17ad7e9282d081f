#include "jobs/job.h"

#include <algorithm>
#include <array>

namespace yard::jobs {
namespace {

std::unique_ptr<const JobTerms> terms_of(const JobOrder& order) {
  if (order.delay == Millis::zero() && order.queue_ttl == Millis::zero() && order.deadline == Millis::zero() &&
      order.after.empty() && !order.parent && !order.replay_of && order.result_ttl == Millis::zero() &&
      order.key.empty() && order.concurrency_key.empty() && !order.deterministic) {
    return nullptr;
  }
  return std::make_unique<const JobTerms>(JobTerms{.delay = order.delay,
                                                   .queue_ttl = order.queue_ttl,
                                                   .deadline = order.deadline,
                                                   .after = {order.after.begin(), order.after.end()},
                                                   .on_parent_failure = order.on_parent_failure,
                                                   .parent = order.parent,
                                                   .replay_of = order.replay_of,
                                                   .result_ttl = order.result_ttl,
                                                   .key = std::string(order.key),
                                                   .concurrency_key = std::string(order.concurrency_key),
                                                   .with = {order.with.begin(), order.with.end()},
                                                   .deterministic = order.deterministic});
}

}  // namespace

namespace {

constexpr std::array<std::string_view, 3> kCoalesceNames = {"join", "debounce", "supersede"};

}  // namespace

std::string_view name_of(Coalesce coalesce) { return kCoalesceNames[static_cast<std::size_t>(coalesce)]; }

std::optional<Coalesce> parse_coalesce(std::string_view name) {
  const auto* found = std::ranges::find(kCoalesceNames, name);
  if (found == kCoalesceNames.end()) return std::nullopt;
  return Coalesce{static_cast<std::uint8_t>(found - kCoalesceNames.begin())};
}

std::string_view name_of(WaitClass wait_class) {
  constexpr std::array<std::string_view, 3> kNames = {"short", "medium", "long"};
  return kNames[static_cast<std::size_t>(wait_class)];
}

namespace {
constexpr std::array<std::string_view, kExecutorKinds> kExecutorNames = {"threads", "processes", "workers", "host"};
}  // namespace

std::string_view name_of(ExecutorKind executor) { return kExecutorNames[static_cast<std::size_t>(executor)]; }

std::optional<ExecutorKind> parse_executor(std::string_view name) {
  for (std::size_t i = 0; i < kExecutorNames.size(); ++i) {
    if (kExecutorNames[i] == name) return ExecutorKind{static_cast<std::uint8_t>(i)};
  }
  return std::nullopt;
}

Job::Job(const JobOrder& order, NameTable& names)
    : id(order.id),
      grade(order.grade),
      wait_class(order.wait_class),
      priority(order.priority),
      attempts_max(order.attempts_max),
      executor(order.executor),
      tool_version(order.tool_version),
      concurrency_max(order.concurrency_max),
      tool(names.intern(order.tool)),
      principal(names.intern(order.principal)),
      arguments(order.arguments),
      digest(order.digest),
      attempt_timeout(order.attempt_timeout),
      own_terms(terms_of(order)) {}

const JobTerms& Job::terms() const {
  static const JobTerms kNone;
  return own_terms ? *own_terms : kNone;
}

}  // namespace yard::jobs
