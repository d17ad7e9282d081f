// JobDesk: calls with a key, and the live job that has it.
#include <algorithm>

#include "broker/core/job_desk.h"

namespace yard::broker {

using jobs::Coalesce;
using jobs::Job;
using jobs::JobOrder;
using jobs::JobState;

// The job that answers for this order, or null where it makes one of its own.
Result<Job*> JobDesk::coalesce(const JobOrder& order, Now now) {
  Job* holder = order.key.empty() ? nullptr : find(keyed_.find(order));
  if (holder == nullptr || holder->state == JobState::kCancelling) return nullptr;
  if (order.coalesce == Coalesce::kJoin) return holder;
  const bool waits = holder->state == JobState::kScheduled && holder->attempt == 0;
  if (order.coalesce != Coalesce::kDebounce || !waits) return nullptr;
  YARD_TRY_STATUS(amend(*holder, order, now));
  return holder;
}

// The newer arguments replace the older ones, and the wait begins anew, within its bound.
Status JobDesk::amend(Job& job, const JobOrder& order, Now now) {
  const std::size_t others = live_bytes_ - job.arguments.size();
  if (others + order.arguments.size() > limits_.jobs_bytes_max) return check_room(0, order.arguments.size());
  live_bytes_ = others + order.arguments.size();
  job.arguments = Blob(order.arguments);
  const SteadyTime latest = job.submitted + order.debounce_max;
  const SteadyTime due = std::max(now.steady, std::min(now.steady + order.delay, latest));
  run_of(job).postponed_to = due;
  record(job, jobs::RecordKind::kAmended, job.grade, now,
         [&](PackWriter& writer) { write_amended(writer, job, due - now.steady); });
  arm(job);
  return {};
}

// The older job of its key ends, whether it runs or waits.
void JobDesk::supersede(const JobOrder& order, Now now) {
  if (order.key.empty() || order.coalesce != Coalesce::kSupersede) return;
  Job* older = find(keyed_.find(order));
  if (older != nullptr) cancel_tree(*older, "superseded by " + to_hex(order.id.value()), now);
}

}  // namespace yard::broker
