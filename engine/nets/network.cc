#include "engine/nets/network.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/graph/value.h"
#include "engine/nets/apply.h"
#include "engine/nets/compile.h"
#include "engine/nets/parse_json.h"
#include "engine/nets/snapshot.h"

namespace yard::nets {

Network::Network(State state, std::unique_ptr<TextPool> texts, unsigned workers)
    : texts_(std::move(texts)), state_(std::move(state)) {
  if (workers > 1) pool_ = std::make_unique<tickets::WorkerPool>(tickets::WorkerPoolOptions{.workers = workers});
}

Network::Network(Discipline discipline, unsigned workers) : Network(State(), std::make_unique<TextPool>(), workers) {
  state_.book = std::make_shared<RuleBook>(discipline);
  state_.heap.fit(1, false, discipline == Discipline::kAnnette);
}

std::expected<Network, Problems> Network::make(const NetSpec& spec, unsigned workers) {
  Problems problems;
  auto texts = std::make_unique<TextPool>();
  auto state = build(spec, *texts, problems);
  if (!state) return std::unexpected(std::move(problems));
  Network network(*std::move(state), std::move(texts), workers);
  for (const DerivedSpec& derived : spec.derived)
    if (const auto added = network.derive(derived); !added) problems.push_back({derived.where, added.error().message});
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return network;
}

Result<Network> Network::restore(BytesView snapshot, unsigned workers) {
  auto texts = std::make_unique<TextPool>();
  YARD_TRY(Loaded loaded, load(snapshot, *texts));
  Network network(std::move(loaded.state), std::move(texts), workers);
  for (const DerivedSpec& derived : loaded.derived) YARD_TRY_STATUS(network.derive(derived));
  return network;
}

Bytes Network::snapshot() const {
  std::vector<DerivedSpec> derived;
  derived.reserve(derived_.size());
  for (const Derived& one : derived_) derived.push_back(one.spec());
  return save(state_, *texts_, derived);
}

// ---- changing

Status Network::change(const Operation& operation) {
  if (operation.kind == OperationKind::kReduce) {
    const Reduction done = pool_ ? nets::reduce(state_, operation.max, *pool_) : nets::reduce(state_, operation.max);
    if (done.is_out_of_room) return fail(ErrorCode::kTooLarge, "the net has no room for more agents");
    return {};
  }
  return nets::apply(operation, state_, *texts_);
}

void Network::keep(const Operation& operation) {
  if (recording_.empty()) return;
  Storyline& line = storylines_[recording_];
  if (line.size() < kOperationsMax) line.push_back(operation);
}

Status Network::apply(const Operation& operation) {
  YARD_TRY_STATUS(change(operation));
  keep(operation);
  refresh();
  return {};
}

Status Network::batch(std::span<const Operation> operations) {
  State before = state_;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (const auto done = change(operations[i]); !done) {
      exchange(before);
      Error error = done.error();
      return fail(error.code, std::move(error.message), "/" + std::to_string(i) + error.pointer);
    }
  }
  for (const Operation& operation : operations) keep(operation);
  refresh();
  return {};
}

bool Network::step() { return reduce(1).interactions == 1; }

Reduction Network::reduce(std::uint64_t max) {
  const Reduction done = pool_ ? nets::reduce(state_, max, *pool_) : nets::reduce(state_, max);
  if (done.interactions > 0) keep(Operation::reduce(done.interactions));
  refresh();
  return done;
}

Status Network::add_rule(std::string_view left, std::string_view right, Rule rule) {
  rule.spec.left = parse_port(left);
  rule.spec.right = parse_port(right);
  for (const auto& [ref, symbol, slot, ports] :
       {std::tuple(&rule.spec.left, &rule.left, &rule.left_slot, &rule.left_ports),
        std::tuple(&rule.spec.right, &rule.right, &rule.right_slot, &rule.right_ports)}) {
    if (ref->agent.empty()) std::swap(ref->agent, ref->port);
    const auto found = state_.book->find(ref->agent);
    if (!found) return fail(ErrorCode::kNotFound, "there is no type " + ref->agent);
    const auto port = find_port(state_.book->symbol(*found), ref->port);
    if (!port || (*port != 0 && state_.book->is_lafont()))
      return fail(ErrorCode::kInvalidArguments, ref->agent + " cannot meet at " + ref->port);
    *symbol = *found;
    *slot = *port;
    *ports = static_cast<std::uint8_t>(state_.book->symbol(*found).ports.size());
  }
  rule.cases.emplace_back();  // which counts its interactions
  YARD_TRY_STATUS(install_rule(std::move(rule), state_));
  refresh();
  return {};
}

Status Network::add_function(std::string_view left, std::string_view right, std::string name, std::size_t creates,
                             RuleFunction function) {
  if (creates > kCreatedMax) return fail(ErrorCode::kTooLarge, name + " creates too many agents");
  Rule rule;
  rule.extra = static_cast<std::uint8_t>(creates > 2 ? creates - 2 : 0);
  rule.function = std::move(function);
  rule.spec.function = std::move(name);
  return add_rule(left, right, std::move(rule));
}

Status Network::add_action(std::string_view left, std::string_view right, std::string name, ActionFunction action) {
  if (state_.book->is_lafont())
    return fail(ErrorCode::kUnsupported, "actions change what is around them, which Lafont's discipline forbids");
  Rule rule;
  rule.action = std::move(action);
  rule.spec.function = std::move(name);
  return add_rule(left, right, std::move(rule));
}

// ---- looking

Status Network::derive(const DerivedSpec& spec) {
  if (find_derived(spec.name) != nullptr) return fail(ErrorCode::kConflict, "there is " + spec.name + " already");
  YARD_TRY(Derived derived, Derived::make(spec, state_));
  derived_.push_back(std::move(derived));
  refresh();
  return {};
}

const Derived* Network::find_derived(std::string_view name) const {
  const auto found = std::ranges::find_if(derived_, [&](const Derived& one) { return one.spec().name == name; });
  return found == derived_.end() ? nullptr : &*found;
}

std::optional<Value> Network::value_of(const std::string& name) const {
  const AgentId agent = state_.find_name(name);
  if (agent == 0) return std::nullopt;
  const auto type = state_.book->symbol(state_.heap.symbol(agent)).value;
  if (!type) return std::nullopt;
  const graph::Cell cell = state_.heap.value(agent);
  if (graph::is_scalar(*type)) return graph::to_value(cell, *type);
  return graph::Text(std::string(texts_->view(cell)));
}

void Network::refresh() {
  for (Derived& derived : derived_) derived.refresh(state_, *texts_);
}

// ---- keeping

void Network::exchange(const State& state) {
  state_ = state;
  for (Derived& derived : derived_) derived.forget();
  refresh();
}

Result<std::size_t> Network::take_snapshot() {
  if (!history_.keep(state_)) return fail(ErrorCode::kTooLarge, "there are too many snapshots");
  return history_.at();
}

bool Network::roll_back(std::size_t index) {
  const State* state = history_.go_to(index);
  if (state != nullptr) exchange(*state);
  return state != nullptr;
}

bool Network::travel_backward() {
  const State* state = history_.back();
  if (state != nullptr) exchange(*state);
  return state != nullptr;
}

bool Network::travel_forward() {
  const State* state = history_.forward();
  if (state != nullptr) exchange(*state);
  return state != nullptr;
}

}  // namespace yard::nets
