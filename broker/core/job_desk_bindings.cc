// JobDesk: arguments that the results of other jobs fill in.
#include <algorithm>

#include "broker/core/job_desk.h"
#include "broker/core/worker_messages.h"
#include "engine/base/pack_pointer.h"

namespace yard::broker {

using jobs::Binding;
using jobs::Job;
using jobs::JobEvent;
using jobs::JobOrder;
using jobs::JobState;

namespace {

Result<PackView> find_bound(const Binding& binding, const Job& source) {
  if (const PackView found = at_pointer(PackView(source.run->result), binding.pointer)) return found;
  return fail(ErrorCode::kDependencyFailed, "option with: the result of job " + to_hex(binding.job.value()) +
                                                " has nothing at \"" + binding.pointer + "\"");
}

}  // namespace

// `arguments` and what jobs that have succeeded give; what the others will is left out.
Result<Bytes> JobDesk::bound(BytesView arguments, std::span<const Binding> with, jobs::ExecutorKind executor) const {
  const PackView given(arguments);
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackMap map(writer);
    given.each_pair([&](std::string_view name, PackView value) { map.raw(name, value.bytes()); });
    for (const Binding& binding : with) {
      if (given.find(binding.argument)) continue;
      const Job* source = find(binding.job);
      if (source == nullptr && end_of(binding.job) == JobState::kSucceeded)
        return fail(ErrorCode::kGone, "option with: the result of job " + to_hex(binding.job.value()) + " is dropped");
      if (source == nullptr || source->state != JobState::kSucceeded) continue;
      YARD_TRY(const PackView value, find_bound(binding, *source));
      map.raw(binding.argument, value.bytes());
    }
  }
  const std::size_t most = executor == jobs::ExecutorKind::kWorkers
                               ? std::min(limits_.result_bytes_max, kAssignArgumentsMax)
                               : limits_.result_bytes_max;
  if (bytes.size() > most)
    return fail(ErrorCode::kTooLarge,
                "option with: the arguments become larger than " + std::to_string(most) + " bytes");
  return bytes;
}

// Of a new order: what is there already. With nothing left to wait for, all of it must fit the tool; but where a source
// did not succeed there is nothing to fit, and the job ends for that.
Result<Bytes> JobDesk::bind(const JobOrder& order) const {
  for (const Binding& binding : order.with) {
    if (PackView(order.arguments).find(binding.argument))
      return fail(ErrorCode::kBadRequest, "option with: the argument is stated, too", "/" + binding.argument);
  }
  YARD_TRY(Bytes arguments, bound(order.arguments, order.with, order.executor));
  const bool complete = std::ranges::all_of(order.after, [&](JobId id) { return end_of(id).has_value(); });
  if (complete && !is_doomed(order.after, order.on_parent_failure))
    YARD_TRY_STATUS(options_.check_arguments(order.tool, PackView(arguments)));
  return arguments;
}

// A parent has succeeded: the job takes its part of the result at once, as nobody knows how long that is kept.
Status JobDesk::bind(Job& job, Now now) {
  if (job.terms().with.empty()) return {};
  YARD_TRY(const Bytes arguments, bound(job.arguments.view(), job.terms().with, job.executor));
  if (arguments == job.arguments.view()) return {};
  const std::size_t others = live_bytes_ - job.arguments.size();
  if (others + arguments.size() > limits_.jobs_bytes_max) {
    return fail(ErrorCode::kQueueFull, "option with: the arguments of unfinished jobs fill " +
                                           std::to_string(live_bytes_) + " bytes, and these become larger");
  }
  live_bytes_ = others + arguments.size();
  job.arguments = Blob(arguments);
  record(job, jobs::RecordKind::kAmended, job.grade, now,
         [&](PackWriter& writer) { write_amended(writer, job, Nanos{}); });
  return {};
}

// Nothing is left to wait for.
void JobDesk::unblock(Job& job, Now now) {
  if (!job.terms().with.empty()) {
    Status fits = options_.check_arguments(job.tool, PackView(job.arguments.view()));
    if (!fits) return fail_job(job, JobEvent::kParentFailed, std::move(fits).error(), now);
  }
  apply(job, JobEvent::kParentsEnded, now);
}

}  // namespace yard::broker
