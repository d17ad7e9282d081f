#include "engine/world/world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/world/intent.h"
#include "engine/world/reload.h"

namespace yard::graph {
namespace {

std::unexpected<Error> refuse(std::string message, std::string pointer = {}) {
  return fail(ErrorCode::kInvalidArguments, std::move(message), std::move(pointer));
}

constexpr std::array kValueTypes = {DataType::kBool, DataType::kInt64, DataType::kDouble};

bool is_of_type(const Value& value, DataType type) {
  return is_scalar(type) ? value.index() < kValueTypes.size() && kValueTypes[value.index()] == type
                         : std::holds_alternative<Text>(value);
}

// A graph that is journaled is one record.
std::expected<void, Problems> check_size(std::string_view graph, bool is_journaled) {
  constexpr std::size_t kMax = tickets::kRecordBytesMax - tickets::kRecordHeadBytes;
  if (!is_journaled || graph.size() <= kMax) return {};
  return std::unexpected(Problems{
      {ProblemCode::kTooLarge, "", "has more than the " + std::to_string(kMax) + " bytes that a journal takes", 0}});
}

}  // namespace

// ---- beginning

std::expected<std::unique_ptr<World>, Problems> World::load(std::string graph, std::shared_ptr<const Kinds> kinds,
                                                            const WorldOptions& options) {
  const bool keep = options.journal != tickets::JournalLevel::kOff;
  if (auto too_large = check_size(graph, keep); !too_large) return std::unexpected(std::move(too_large).error());
  std::string text = keep ? graph : std::string();
  auto image = load_graph(std::move(graph), std::move(kinds));
  if (!image) return std::unexpected(std::move(image).error());
  auto world = std::make_unique<World>(*std::move(image), options);
  if (keep) {
    // What the first wave writes comes behind the graph that it is of.
    YARD_CHECK(world->journal_part().records == 0);
    world->recorder_.cause(0, false, BeganCause{options.journal, options.pull});
    world->recorder_.cause(0, true, ReloadCause{text});
    world->graph_text_ = std::move(text);
  }
  return world;
}

World::World(std::shared_ptr<const Image> image, const WorldOptions& options)
    : options_(options), recorder_(options.journal) {
  start_afresh(std::move(image));
}

World::~World() = default;

void World::start(std::shared_ptr<const Image> image, State state, std::span<const std::uint32_t> looked_at) {
  waves_.reset();
  demand_.reset();
  image_ = std::move(image);
  state_ = std::move(state);
  demand_.emplace(*image_, is_pull());
  for (const std::uint32_t node : looked_at) demand_->look_at(node, revived_);
  waves_.emplace(image_, state_.cells, static_cast<Host&>(*this), demand_->live(), options_.pool.get());
  if (compiled_ != nullptr && compiled_->graph_hash() != image_->hash()) compiled_.reset();
  waves_->use(compiled_.get());
}

Status World::use_compiled(std::shared_ptr<CompiledNodes> compiled) {
  if (!is_at_rest()) return fail(ErrorCode::kConflict, "settle() before other code runs the graph");
  if (compiled != nullptr && compiled->graph_hash() != image_->hash())
    return fail(ErrorCode::kConflict,
                "the code is of graph " + to_hex(compiled->graph_hash()) + ", this one is " + to_hex(image_->hash()));
  compiled_ = std::move(compiled);
  waves_->use(compiled_.get());
  return {};
}

// Time and numbers go on, if there were any.
void World::start_afresh(std::shared_ptr<const Image> image) {
  const std::vector<std::uint32_t> looked_at = demand_ ? demand_->looked_at() : std::vector<std::uint32_t>();
  State state{.cells = image->make_cells(),
              .wakes = {},
              .now_ns = state_.now_ns,
              .next_event_id = state_.next_event_id,
              .open_calls = std::move(state_.open_calls),
              .check_point = {}};
  ++epoch_;
  start(std::move(image), std::move(state), looked_at);
  waves_->touch_all();
  is_first_wave_ = true;
}

// ---- causes

Status World::apply(const Cause& cause) {
  if (state_.now_ns != target_ns_)
    return fail(ErrorCode::kConflict, "time is still going on; settle() before the next cause");
  const std::uint64_t at = event_id();
  YARD_TRY_STATUS(std::visit([&](const auto& one) { return take(one); }, cause));
  // A reload writes its own.
  if (!std::holds_alternative<ReloadCause>(cause)) recorder_.cause(at, batch_is_open_, cause);
  batch_is_open_ = true;
  return {};
}

Result<Source> World::source(std::uint32_t output) const {
  if (output >= image_->get_output_ports().size()) return refuse("there is no output " + std::to_string(output));
  const PortDesc& port = image_->get_output_ports()[output];
  const NodeDesc& node = image_->get_nodes()[port.node.value()];
  if (image_->kind_of(node).role != NodeRole::kSource)
    return refuse(std::string(image_->id_of(node)) + " is no source: nobody can set it from outside");
  return Source{output, image_->cell_of(output), port.type, port.port_class};
}

Result<Source> World::checked_source(std::uint32_t output, const Value& value, PortClass port_class) const {
  YARD_TRY(const Source found, source(output));
  if (const auto* text = std::get_if<Text>(&value); text != nullptr && text->view().size() > kTextBytesMax)
    return fail(ErrorCode::kTooLarge, "has more than " + std::to_string(kTextBytesMax) + " bytes");
  if (found.port_class != port_class)
    return refuse(port_class == PortClass::kLevel ? "is for events: emit them" : "is a level: set it");
  if (!is_of_type(value, found.type)) return refuse("has to be of type " + std::string(name_of(found.type)));
  return found;
}

Status World::check(const SetCause& cause) const {
  YARD_TRY_STATUS(checked_source(cause.output, cause.value, PortClass::kLevel));
  return {};
}

Status World::check(const EmitCause& cause) const {
  YARD_TRY_STATUS(checked_source(cause.output, cause.value, PortClass::kEvent));
  return {};
}

Status World::take(const SetCause& cause) {
  YARD_TRY(const Source source, checked_source(cause.output, cause.value, PortClass::kLevel));
  const bool changed = is_scalar(source.type) ? state_.cells.put(source.cell, to_cell(cause.value))
                                              : state_.cells.put(source.cell, std::get<Text>(cause.value));
  if (changed) waves_->touch(source.cell);
  return {};
}

Status World::take(const EmitCause& cause) {
  YARD_TRY(const Source source, checked_source(cause.output, cause.value, PortClass::kEvent));
  state_.cells.emit(source.cell, to_cell(cause.value));
  waves_->touch(source.cell);
  return {};
}

Status World::check(const ReceiptCause& cause) const {
  if (cause.text.size() > kTextBytesMax)
    return fail(ErrorCode::kTooLarge, "has more than " + std::to_string(kTextBytesMax) + " bytes");
  if (!state_.open_calls.contains(cause.intent))
    return fail(ErrorCode::kNotFound, "no call with intent " + to_hex(cause.intent) + " waits for a receipt");
  return {};
}

Status World::take(const ReceiptCause& cause) {
  YARD_TRY_STATUS(check(cause));
  const OpenCall call = std::move(state_.open_calls.extract(cause.intent).mapped());
  if (call.node == OpenCall::kGone) return {};
  const std::uint32_t result = image_->wiring().out_cell[call.node];
  const std::uint32_t answered = result + 1;
  const std::uint32_t asked = result + 2;
  const bool changed = cause.fault ? state_.cells.put(result, Fault{*cause.fault, cause.text})
                                   : state_.cells.put(result, Text(cause.text));
  if (changed) waves_->touch(result);
  state_.cells.put(answered, Cell(state_.cells.values[answered].get<std::int64_t>() + 1));
  waves_->touch(answered);
  if (state_.cells.put(asked, Text(json_of_packed(call.arguments)))) waves_->touch(asked);
  return {};
}

Status World::take(const AdvanceCause& cause) {
  if (cause.to_ns < state_.now_ns) return refuse("logical time never goes back");
  if (waves_->has_work())
    return fail(ErrorCode::kConflict, "settle() before time goes on: what is set now happens now");
  target_ns_ = cause.to_ns;
  return {};
}

Status World::take(const DemandCause& cause) {
  if (cause.output >= image_->get_output_ports().size())
    return refuse("there is no output " + std::to_string(cause.output));
  const std::uint32_t node = image_->place_of(image_->get_output_ports()[cause.output].node);
  // What was not live has not seen what happened meanwhile.
  revived_.clear();
  cause.looked_at ? demand_->look_at(node, revived_) : demand_->look_away(node);
  if (!revived_.empty()) waves_->live_has_changed();
  for (const std::uint32_t place : revived_)
    if (image_->kernel(place).run_one != nullptr) waves_->force(place);
  return {};
}

Status World::take(const ReloadCause& cause) {
  if (!is_at_rest()) return fail(ErrorCode::kConflict, "settle() before a reload");
  auto done = reload(cause.graph);
  if (done) return {};
  const Problem& first = done.error().front();
  return refuse("the graph has " + std::to_string(done.error().size()) + " problems, first: " + first.message,
                first.pointer);
}

std::expected<void, Problems> World::reload(std::string graph) {
  YARD_CHECK(is_at_rest());
  if (auto too_large = check_size(graph, recorder_.is_on()); !too_large)
    return std::unexpected(std::move(too_large).error());
  std::string text = recorder_.is_on() ? graph : std::string();
  auto image = load_graph(std::move(graph), image_->kinds());
  if (!image) return std::unexpected(std::move(image).error());
  recorder_.cause(event_id(), batch_is_open_, ReloadCause{text});
  graph_text_ = std::move(text);
  State fresh{.cells = (*image)->make_cells(),
              .wakes = {},
              .now_ns = state_.now_ns,
              .next_event_id = state_.next_event_id,
              .open_calls = {},
              .check_point = {}};
  const CarriedOver over = carry_over(*image_, state_, demand_->looked_at(), **image, fresh);
  ++epoch_;
  start(*std::move(image), std::move(fresh), over.looked_at);
  for (const std::uint32_t node : over.forced)
    if (demand_->is_live(node)) waves_->force(node);
  batch_is_open_ = true;
  for (Observer* observer : observers_) observer->replaced(*this);
  return {};
}

Status World::take(const CheckPointCause&) {
  if (!is_at_rest()) return fail(ErrorCode::kConflict, "settle() before a check point");
  state_.check_point.reset();
  state_.check_point = snapshot();
  return {};
}

Status World::take(const RollBackCause&) {
  if (!is_at_rest()) return fail(ErrorCode::kConflict, "settle() before a roll back");
  effects_before_wave_ = effects_.size();
  roll_back();
  return {};
}

// Looking must not change when what nobody wants any more goes.
Bytes World::snapshot() const {
  if (!demand_->is_stale()) return write_state(*image_, *demand_, state_);
  Demand fresh = *demand_;
  fresh.refresh();
  return write_state(*image_, fresh, state_);
}

Status World::restore(BytesView snapshot) {
  YARD_TRY(ReadState read, read_state(snapshot, *image_, is_pull()));
  target_ns_ = read.state.now_ns;
  start(image_, std::move(read.state), read.looked_at);
  is_first_wave_ = false;
  batch_is_open_ = false;
  for (Observer* observer : observers_) observer->replaced(*this);
  return {};
}

Status World::take(const BeganCause&) { return refuse("a world has begun already"); }

// ---- running

bool World::settle(std::uint32_t waves_max) {
  batch_is_open_ = false;
  if (demand_->is_stale()) {
    demand_->refresh();
    waves_->live_has_changed();
  }
  for (std::uint32_t waves = 0; waves_->has_work() || goes_on_in_time(); ++waves) {
    if (waves == waves_max || recorder_.bytes() > kJournalPartMax || effects_.size() > kEffectsMax) return false;
    if (!waves_->has_work()) let_time_go_on();
    if (waves_->has_work()) run_wave();
  }
  return true;
}

bool World::goes_on_in_time() { return state_.now_ns != target_ns_ || state_.wakes.next() <= state_.now_ns; }

// To the next that wants to be woken, or to where it is to go.
void World::let_time_go_on() {
  state_.now_ns = std::max(state_.now_ns, std::min(state_.wakes.next(), target_ns_));
  state_.wakes.take_due(state_.now_ns, [&](std::uint32_t node) {
    if (demand_->is_live(node)) waves_->force(node);
  });
}

void World::run_wave() {
  effects_before_wave_ = effects_.size();
  waves_->run(state_.now_ns, recorder_.is_full() ? this : tracer_);
  end_wave();
}

void World::end_wave() {
  const std::uint64_t end = event_id();
  for (const std::uint32_t cycle : waves_->restless()) recorder_.cycle_limit(end, cycle);
  restless_cycles_ += waves_->restless().size();
  ++waves_run_;
  steps_run_ += waves_->ran();
  state_.next_event_id = end;
  const bool was_first = std::exchange(is_first_wave_, false);
  if (std::exchange(rolls_back_, false) && !was_first) [[unlikely]]
    return roll_back();
  for (Observer* observer : observers_) observer->wave_ended(*this);
  waves_->settle();
  if (recorder_.is_full()) recorder_.settled(state_.next_event_id, state_.now_ns);
}

// What the wave let out stays in. Numbers of events go on, and so do time and the calls that were let out before.
void World::roll_back() {
  for (const Effect& effect : std::span(effects_).subspan(effects_before_wave_))
    if (effect.is_call) state_.open_calls.erase(effect.intent);
  effects_.resize(effects_before_wave_);
  if (!state_.check_point) {
    start_afresh(image_);
  } else {
    auto read = read_state(*state_.check_point, *image_, is_pull());
    YARD_CHECK(read.has_value());
    const std::vector<std::uint32_t> looked_at = demand_->looked_at();
    read->state.now_ns = state_.now_ns;
    read->state.next_event_id = state_.next_event_id;
    read->state.open_calls = std::move(state_.open_calls);
    read->state.check_point = std::move(state_.check_point);
    const Demand then = Demand::of(*image_, is_pull(), read->looked_at);
    start(image_, std::move(read->state), looked_at);
    for (std::uint32_t node = 0; node < image_->node_count(); ++node)
      if (demand_->is_live(node) && !then.is_live(node) && image_->kernel(node).run_one != nullptr) waves_->force(node);
  }
  for (Observer* observer : observers_) observer->replaced(*this);
}

void World::before(std::uint32_t node) {
  if (recorder_.is_full()) recorder_.step_scheduled(event_id(), node);
  if (tracer_ != nullptr) tracer_->before(node);
}

void World::after(std::uint32_t node, bool changed) {
  if (recorder_.is_full()) recorder_.step_committed(event_id(), node, *image_, state_.cells);
  if (tracer_ != nullptr) tracer_->after(node, changed);
}

void World::effect(std::uint32_t node, std::string_view channel, DataType type, Cell value) {
  const bool is_call = image_->kernel(node).wants_receipt;
  if (is_call && state_.open_calls.size() >= kOpenCallsMax)
    return breach(node, "too many calls wait for a receipt: this one was not made", false);
  ++effects_let_out_;
  const NodeHandle handle = *image_->handle_of(node);
  Effect& effect = effects_.emplace_back(
      Effect{.event_id = event_id(),
             .node = handle,
             .channel = std::string(channel),
             .type = type,
             .value = is_scalar(type) ? to_value(value, type) : Value(state_.cells.texts[value.bits()]),
             .intent = {},
             .is_call = is_call});
  if (!recorder_.is_on() && !is_call) return;
  Bytes params = pack_value(effect.value, type);
  effect.intent = intent_of(channel, params, effect.event_id, image_->id_of(image_->get_nodes()[handle.value()]));
  recorder_.effect(effect.event_id, node, channel, params, effect.intent);
  if (is_call)
    state_.open_calls.emplace(effect.intent, OpenCall{node, effect.event_id, effect.channel, std::move(params)});
}

void World::breach(std::uint32_t node, std::string_view message, bool roll_back) {
  breaches_.push_back({event_id(), *image_->handle_of(node), std::string(message), roll_back && !is_first_wave_});
  recorder_.invariant_broken(event_id(), node, message);
  rolls_back_ = rolls_back_ || roll_back;
}

// ---- looking

std::expected<Value, Fault> World::get(std::uint32_t output) const {
  const std::uint32_t cell = image_->cell_of(output);
  const DataType type = image_->get_output_ports()[output].type;
  if ((state_.cells.marks[cell] & kFaulty) != 0) return std::unexpected(state_.cells.faults.at(cell));
  const Cell value = state_.cells.values[cell];
  return is_scalar(type) ? to_value(value, type) : Value(state_.cells.texts[value.bits()]);
}

std::span<const Cell> World::events(std::uint32_t output) const {
  const auto found = state_.cells.events.find(image_->cell_of(output));
  return found == state_.cells.events.end() ? std::span<const Cell>() : std::span<const Cell>(found->second);
}

std::vector<std::uint32_t> World::looked_at() const {
  std::vector<std::uint32_t> outputs;
  for (const std::uint32_t node : demand_->looked_at())
    outputs.push_back(image_->get_nodes()[image_->handle_of(node)->value()].first_output);
  return outputs;
}

bool World::is_live(std::uint32_t output) const {
  const NodeHandle node = image_->get_output_ports()[output].node;
  const std::uint32_t place = image_->place_of(node);
  return demand_->is_live(place) || image_->kernel(place).run_one == nullptr;
}

std::optional<std::uint32_t> World::find_output(std::string_view node, std::string_view port) const {
  const NodeDesc* found = image_->find_node(node);
  if (found == nullptr) return std::nullopt;
  const auto outputs = image_->outputs_of(*found);
  for (std::uint32_t i = 0; i < outputs.size(); ++i)
    if (port.empty() || image_->id_of(outputs[i]) == port) return found->first_output + i;
  return std::nullopt;
}

WorldStats World::get_stats() const {
  return {.waves = waves_run_,
          .steps = steps_run_,
          .effects = effects_let_out_,
          .live_nodes = demand_->live_count(),
          .nodes = image_->node_count(),
          .asleep = state_.wakes.size(),
          .open_calls = state_.open_calls.size(),
          .restless_cycles = restless_cycles_};
}

void World::clear_outbox() {
  effects_.clear();
  breaches_.clear();
  recorder_.clear();
  effects_before_wave_ = 0;
}

}  // namespace yard::graph
