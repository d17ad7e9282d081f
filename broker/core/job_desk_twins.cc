// JobDesk: calls of deterministic tools, which an equal job answers.
#include "broker/core/job_desk.h"
#include "engine/base/pack_canonical.h"

namespace yard::broker {

using jobs::Job;
using jobs::JobOrder;
using jobs::JobState;

namespace {

// Whose arguments stay what they are, and are all there is to it.
bool may_be_a_twin(const Job& job) {
  const jobs::JobTerms& terms = job.terms();
  return terms.deterministic && terms.with.empty() && terms.key.empty();
}

// With other clocks or relations than a plain call it is done for itself.
bool may_have_a_twin(const JobOrder& order) {
  return order.deterministic && !order.fresh && order.delay == Millis::zero() && order.after.empty() &&
         order.deadline == Millis::zero() && order.queue_ttl == Millis::zero() && !order.parent && order.key.empty() &&
         !order.replay_of;
}

std::uint64_t key_of(const Job& job) {
  return Twins::key_of(job.principal, job.tool, job.tool_version, canonical_pack(PackView(job.arguments.view())));
}

// It has succeeded, or is on its way to an end that is its own.
bool answers(const Job& twin) {
  switch (twin.state) {
    case JobState::kQueued:
    case JobState::kAssigned:
    case JobState::kRunning:
    case JobState::kSucceeded: return true;
    default: return false;
  }
}

}  // namespace

Job* JobDesk::find_twin(const JobOrder& order) const {
  if (!may_have_a_twin(order)) return nullptr;
  const Bytes canonical = canonical_pack(PackView(order.arguments));
  Job* twin =
      find(twins_.find(Twins::key_of(order.principal, order.tool, order.tool_version, canonical)), order.principal);
  const bool same = twin != nullptr && twin->tool == order.tool && twin->tool_version == order.tool_version &&
                    twin->grade >= order.grade && answers(*twin) &&
                    canonical_pack(PackView(twin->arguments.view())) == canonical;
  return same ? twin : nullptr;
}

void JobDesk::claim_twin(const Job& job) {
  if (may_be_a_twin(job)) twins_.claim(key_of(job), job.id);
}

void JobDesk::release_twin(const Job& job) {
  if (may_be_a_twin(job)) twins_.release(key_of(job), job.id);
}

}  // namespace yard::broker
