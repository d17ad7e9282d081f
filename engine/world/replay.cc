#include "engine/world/replay.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/base64.h"
#include "engine/base/check.h"
#include "engine/world/record_json.h"

namespace yard::graph {
namespace {

using json = nlohmann::ordered_json;
using tickets::Record;

std::string text_of(const json& row, const std::string& field) {
  return row.contains(field) ? row[field].dump(-1, ' ', false, json::error_handler_t::replace) : "nothing";
}

// The first field in which the two are not the same.
std::string differing_field(const json& expected, const json& found) {
  for (const auto& [field, value] : expected.items())
    if (!found.contains(field) || found[field] != value) return field;
  for (const auto& [field, value] : found.items())
    if (!expected.contains(field)) return field;
  return "body";
}

// Others may come while a slow cycle is still at work.
bool needs_rest(const Cause& cause) {
  return !std::holds_alternative<SetCause>(cause) && !std::holds_alternative<EmitCause>(cause) &&
         !std::holds_alternative<DemandCause>(cause) && !std::holds_alternative<ReceiptCause>(cause);
}

std::unexpected<Error> stopped() { return fail(ErrorCode::kCancelled, "replay: told to stop"); }

}  // namespace

void Replay::begin(std::unique_ptr<World> world, std::uint64_t seq) {
  world_ = std::move(world);
  world_->set_tracer(tracer_);
  seq_ = seq;
}

void Replay::set_tracer(Tracer* tracer) {
  tracer_ = tracer;
  if (world_) world_->set_tracer(tracer);
}

Status Replay::take(BytesView entry, std::uint64_t seq) {
  while (!is_over_) {
    if (options_.stop.stop_requested()) return stopped();
    YARD_TRY(const auto record, tickets::take_record(entry));
    if (!record) return {};
    if (seq++ <= seq_) continue;  // a world that began in the middle has it
    if (seq - 1 > options_.to) {
      is_over_ = true;
      return {};
    }
    seq_ = seq - 1;
    YARD_TRY_STATUS(take(*record));
  }
  return {};
}

Status Replay::take(const Record& record) {
  if (is_cause(record.head.kind)) {
    cause_seq_ = seq_;
    return take_cause(record);
  }
  if (!world_) return fail(ErrorCode::kBadFrame, "journal: it does not begin with a graph");
  return options_.verify ? compare(record) : Status();
}

Status Replay::take_cause(const Record& record) {
  YARD_TRY(const Cause cause, read_cause(record));
  if (const auto* began = std::get_if<BeganCause>(&cause); began != nullptr && !began_ && !world_) {
    began_ = *began;
    return {};
  }
  if (!world_) {
    const auto* graph = std::get_if<ReloadCause>(&cause);
    if (!began_ || graph == nullptr) return fail(ErrorCode::kBadFrame, "journal: it does not begin with a graph");
    YARD_TRY_STATUS(begin_world(graph->graph));
    if (on_cause_) on_cause_(seq_, record.head.joined, cause);
    return {};
  }
  if (!record.head.joined) run_to(record.head.event_id, needs_rest(cause));
  if (options_.stop.stop_requested()) return stopped();
  if (options_.verify && next_found()) return compare(record);  // the world has made something before this cause
  if (world_->next_event_id() != record.head.event_id)
    return differ("event_id", std::to_string(record.head.event_id), std::to_string(world_->next_event_id()));
  YARD_TRY_STATUS(world_->apply(cause));
  if (on_cause_) on_cause_(seq_, record.head.joined, cause);
  return options_.verify ? compare(record) : Status();
}

Status Replay::begin_world(const std::string& graph) {
  // Without witnesses to compare with, none are made.
  auto made = World::load(graph, kinds_,
                          {.journal = options_.verify ? began_->level : tickets::JournalLevel::kOff,
                           .pull = began_->pull,
                           .pool = options_.pool});
  if (!made) {
    const Problem& first = made.error().front();
    return fail(ErrorCode::kInvalidArguments, "journal: its graph is refused: " + first.message, first.pointer);
  }
  world_ = *std::move(made);
  world_->set_tracer(tracer_);
  world_->clear_outbox();
  return {};
}

void Replay::run_to(std::uint64_t event_id, bool to_rest) {
  (void)world_->settle(0);  // what comes now is another batch
  while (!world_->is_at_rest() && !options_.stop.stop_requested() &&
         (to_rest || world_->next_event_id() < event_id || !world_->is_in_time())) {
    (void)world_->settle(1);
    if (!options_.verify) world_->clear_outbox();
    if (options_.verify && next_found()) break;
  }
}

std::optional<Record> Replay::next_found() {
  if (found_at_ == found_.size()) {
    found_.assign(world_->journal_part().bytes);
    found_at_ = 0;
    world_->clear_outbox();
  }
  BytesView rest = BytesView(found_).substr(found_at_);
  auto record = tickets::take_record(rest);
  YARD_CHECK(record.has_value());
  return *record;
}

void Replay::step_over_found() {
  BytesView rest = BytesView(found_).substr(found_at_);
  (void)tickets::take_record(rest);
  found_at_ = found_.size() - rest.size();
}

Status Replay::compare(const Record& record) {
  std::optional<Record> found = next_found();
  while (!found && !world_->is_at_rest()) {
    if (options_.stop.stop_requested()) return stopped();
    (void)world_->settle(1);
    found = next_found();
  }
  const Image* image = &world_->image();
  const json expected = to_json(record, image);
  if (!found) return differ("kind", text_of(expected, "kind"), "nothing");
  if (found->head == record.head && found->body == record.body) {
    step_over_found();
    return {};
  }
  const json actual = to_json(*found, image);
  const std::string field = differing_field(expected, actual);
  if (field == "body") return differ("body, as base64", to_base64(record.body), to_base64(found->body));
  return differ(field, text_of(expected, field), text_of(actual, field));
}

Status Replay::differ(std::string field, std::string expected, std::string found) {
  difference_ = Difference{seq_, std::move(field), std::move(expected), std::move(found)};
  return fail(ErrorCode::kConflict, "replay: " + difference_->text());
}

Bytes Replay::take_missing() {
  Bytes missing = found_.substr(found_at_) + world_->journal_part().bytes;
  found_.clear();
  found_at_ = 0;
  world_->clear_outbox();
  return missing;
}

Status Replay::finish() {
  if (!world_) return fail(ErrorCode::kBadFrame, "journal: it has no graph");
  while (!world_->settle(1)) {
    if (options_.stop.stop_requested()) return stopped();
    if (!options_.verify) world_->clear_outbox();
  }
  if (!options_.verify) world_->clear_outbox();
  return {};
}

}  // namespace yard::graph
