#include "engine/ports/network.h"

#include <algorithm>
#include <string>

#include "engine/base/check.h"

namespace yard::ports {

class Network::Running {
 public:
  explicit Running(Network& network) : network_(network) { network_.is_running_ = true; }
  ~Running() {
    network_.is_running_ = false;
    network_.changes_.clear();
    network_.ticket_.end();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Network& network_;
};

Result<Dispatched> Network::dispatch(PortHandle port, Payload payload) {
  if (is_running_) return fail(ErrorCode::kConflict, "a ticket is running: emit instead");
  HybridPort* from = topology_.find(port);
  if (from == nullptr) return fail(ErrorCode::kNotFound, "there is no such port; its agent may have been removed");
  if (ticket_.effects_.size() >= kEffectsMax || ticket_.effect_bytes_ >= kEffectBytesMax)
    return fail(ErrorCode::kQueueFull, "take_effects() first");

  const Running running(*this);
  ticket_.begin(next_event_id_++, trace_ != nullptr ? kNoEpoch : fast_epoch());
  if (trace_ != nullptr) trace_->dispatched(ticket_.event_id_, port, payload);
  ticket_.push(*from, payload);
  run();
  commit();
  counts_ += ticket_.counts_;
  if (!ticket_.overflow_.empty())
    return fail(ErrorCode::kTooLarge, "the ticket was cut: " + std::string(ticket_.overflow_));
  return Dispatched{ticket_.event_id_, ticket_.counts_};
}

// Counts are kept at hand: what goes through memory from one hop to the next costs more than the hop.
void Network::run() {
  const std::uint64_t epoch = fast_epoch();
  const std::uint64_t hops_max = options_.hops_max;
  std::uint64_t hops = 0;
  std::uint64_t fast_hops = 0;
  while (ticket_.count_ != 0 && ticket_.overflow_.empty()) {
    const Ticket::Emission& next = ticket_.emissions_.data()[--ticket_.count_];
    HybridPort& from = *next.from;
    const Payload payload = next.payload;
    const FastPort& target = from.fast;
    if (target.handler == nullptr) {
      ++(target.agent == nullptr ? ticket_.counts_.dropped : ticket_.counts_.unhandled);
      continue;
    }
    if (hops == hops_max) {
      ++ticket_.counts_.dropped;
      ticket_.overflow("more hops than a ticket may have");
      break;
    }
    ticket_.counts_.hops = hops;
    const bool is_fast = target.epoch == epoch;
    if (trace_ != nullptr || from.tap != nullptr) [[unlikely]]
      tell(from, payload, is_fast ? Way::kFast : Way::kManaged);
    const std::uint64_t granted = std::min<std::uint64_t>(kDirectHopsMax, hops_max - hops - 1);
    const std::uint64_t called = granted - target.handler(*target.agent, target.ports, payload, ticket_, granted);
    hops += 1 + called;
    fast_hops += called + (is_fast ? 1 : 0);
  }
  ticket_.counts_.hops = hops;
  ticket_.counts_.fast = fast_hops;
  ticket_.counts_.dropped += ticket_.count_;
}

void Network::tell(const HybridPort& from, Payload payload, Way way) {
  const PortHandle handle = topology_.find(from.peer)->peer;
  const HopSeen seen{.event_id = ticket_.event_id_,
                     .hop = ticket_.counts_.hops,
                     .from = handle,
                     .to = from.peer,
                     .payload = payload,
                     .way = way,
                     .reason = why_not(from, handle)};
  if (trace_ != nullptr) trace_->hop(seen);
  if (from.tap != nullptr) from.tap->hop(seen);
}

void Network::commit() {
  for (std::size_t i = 0; i < changes_.size(); ++i)
    if (!apply(changes_[i])) ++ticket_.counts_.refused_changes;
  if (trace_ != nullptr) trace_->committed(ticket_.event_id_);
  tell_deoptimized();
}

Status Network::change(const Change& change) {
  if (is_running_) {
    if (changes_.size() >= kChangesMax) return fail(ErrorCode::kQueueFull, "a ticket asks for too many changes");
    changes_.push_back(change);
    return {};
  }
  YARD_TRY_STATUS(apply(change));
  if (trace_ != nullptr) trace_->changed(next_event_id_, change);
  tell_deoptimized();
  return {};
}

Status Network::apply(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kRemove: return topology_.remove(change.a.agent);
    case Change::Kind::kConnect: return topology_.connect(change.a, change.b);
    case Change::Kind::kDisconnect: return topology_.disconnect(change.a);
  }
  return fail(ErrorCode::kInvalidArguments, "there is no such change");
}

void Network::tell_deoptimized() {
  if (!topology_.has_deoptimized()) return;
  for (const PortHandle port : topology_.take_deoptimized())
    if (trace_ != nullptr) trace_->deoptimized(port);
}

std::uint64_t Network::fast_epoch() const { return is_forced_ ? kNoEpoch : topology_.epoch(); }

FastAgent* Network::find(AgentHandle agent) const {
  const Topology::Slot* slot = topology_.find(agent);
  return slot == nullptr ? nullptr : slot->agent.get();
}

Result<PortHandle> Network::find_port(AgentHandle agent, std::string_view name) const {
  const Topology::Slot* slot = topology_.find(agent);
  if (slot == nullptr) return fail(ErrorCode::kNotFound, "there is no such agent");
  const auto found = std::ranges::find(slot->specs, name, &PortSpec::name);
  if (found == slot->specs.end())
    return fail(ErrorCode::kNotFound, std::string(slot->agent->type()) + " has no port " + std::string(name));
  return PortHandle{agent, static_cast<std::uint32_t>(found - slot->specs.begin())};
}

PortHandle Network::peer(PortHandle port) const {
  const HybridPort* found = topology_.find(port);
  return found == nullptr ? PortHandle() : found->peer;
}

}  // namespace yard::ports
