// What each tool does to a world.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/world/output_json.h"
#include "engine/world/record_json.h"
#include "engine/world/replay.h"
#include "tools/graph/hosted_world.h"

namespace yard::tools {
namespace {

using Request = nlohmann::json;

constexpr std::uint32_t kSlicesMax = 1'000;    // of a snapshot, until what it looks at is up to date
constexpr std::int64_t kRecordsDefault = 100;  // of graph_journal; its schema has the most

Error error_of(const nlohmann::ordered_json& refusal) {
  return {.code = error_code(refusal["code"].get<std::string>()).value_or(ErrorCode::kInvalidArguments),
          .message = refusal["err"],
          .pointer = refusal["pointer"]};
}

// What of the arguments is a request of engine/world's protocol.
Request request_of(const Request& arguments, const char* type, std::initializer_list<const char*> members) {
  Request request = {{"type", type}};
  for (const char* member : members)
    if (arguments.contains(member)) request[member] = arguments[member];
  return request;
}

}  // namespace

// Nothing: the job goes on.
Result<std::optional<HostedWorld::Json>> HostedWorld::done(WorldJob& job, const Request& arguments) {
  const std::string& tool = job.work.tool;
  const auto at_once = [](Result<Json> result) -> Result<std::optional<Json>> {
    if (!result) return std::unexpected(std::move(result).error());
    return *std::move(result);
  };
  if (tool == "graph_set")
    return change(job, request_of(arguments, "set", {"node", "port", "handle", "value"}), arguments);
  if (tool == "graph_emit")
    return change(job, request_of(arguments, "emit", {"node", "port", "handle", "value", "values"}), arguments);
  if (tool == "graph_step") return step(job, arguments);
  if (tool == "graph_reload") return reload(job, arguments);
  if (tool == "graph_subscribe") return subscribe(job, arguments);
  if (tool == "graph_snapshot") return at_once(snapshot(arguments));
  if (tool == "graph_schema") {
    Json schema = {{"world", manifest_.name}, {"epoch", world_->epoch()}};
    schema.update(graph::schema_json(world_->image()));
    return schema;
  }
  if (tool == "graph_optimize") return at_once(optimize(arguments));
  if (tool == "graph_journal") return at_once(journal(arguments));
  if (tool == "graph_replay") return at_once(replay(arguments));
  if (tool == "graph_unload") {
    YARD_TRY_STATUS(unload(arguments));
    unloading_ = std::move(job);
    return std::nullopt;
  }
  return fail(ErrorCode::kConflict, "there is a world " + manifest_.name + " already", "/world");
}

Result<std::optional<HostedWorld::Json>> HostedWorld::change(WorldJob& job, const Request& request,
                                                             const Request& arguments) {
  YARD_TRY(std::vector<std::uint32_t> outputs, outputs_of(arguments));
  const Json answer = session_->ask(request);
  if (answer["ok"] != true) return std::unexpected(error_of(answer));
  begin_step(job, {.job = {},
                   .until_answered = arguments.value("until_answered", false),
                   .outputs = std::move(outputs),
                   .advance_ns = {},
                   .effects = 0,
                   .told = {}});
  return std::nullopt;
}

// All causes happen at once, then time goes on.
Result<std::optional<HostedWorld::Json>> HostedWorld::step(WorldJob& job, const Request& arguments) {
  if (manifest_.clock == WorldClock::kReal && arguments.contains("advance_ms"))
    return fail(ErrorCode::kInvalidArguments, "this world has the broker's time: nobody else moves it", "/advance_ms");
  Request batch = request_of(arguments, "batch", {"causes"});
  if (!batch.contains("causes")) batch["causes"] = Request::array();
  auto begun = change(job, batch, arguments);
  if (begun && arguments.contains("advance_ms"))
    step_->advance_ns = static_cast<std::int64_t>(arguments["advance_ms"].get<double>() * 1e6);
  return begun;
}

Result<std::optional<HostedWorld::Json>> HostedWorld::reload(WorldJob& job, const Request& arguments) {
  if (!world_->open_calls().empty() && !arguments.value("force", false))
    return fail(ErrorCode::kConflict,
                std::to_string(world_->open_calls().size()) +
                    " calls wait for their receipts: wait for them, or reload with force, and receipts for nodes that "
                    "are gone are dropped");
  YARD_TRY(std::string graph, graph_of(arguments));
  const auto done = world_->reload(std::move(graph));
  if (!done) return std::unexpected(graph::to_error(done.error()));
  begin_step(job, {});
  return std::nullopt;
}

Result<std::optional<HostedWorld::Json>> HostedWorld::subscribe(WorldJob& job, const Request& arguments) {
  YARD_TRY(std::vector<std::uint32_t> outputs, outputs_of(arguments));
  const graph::FeedOptions options{.rate_hz = arguments.value("rate_hz", 60.0),
                                   .batch_max = arguments.value("batch_max", std::size_t{512}),
                                   .outputs = std::move(outputs)};
  YARD_TRY_STATUS(streams_.open(job, *world_, options));
  return std::nullopt;
}

// Outputs that nothing keeps up to date are looked at for a moment.
Result<HostedWorld::Json> HostedWorld::snapshot(const Request& arguments) {
  YARD_TRY(std::vector<std::uint32_t> outputs, outputs_of(arguments));
  if (outputs.empty()) {
    outputs.resize(world_->image().get_output_ports().size());
    for (std::uint32_t i = 0; i < outputs.size(); ++i) outputs[i] = i;
  }
  std::vector<std::uint32_t> stale;
  std::ranges::copy_if(outputs, std::back_inserter(stale), [&](std::uint32_t at) { return !world_->is_live(at); });
  const auto look = [&](bool at) -> Status {
    for (const std::uint32_t output : stale) YARD_TRY_STATUS(world_->apply(graph::DemandCause{output, at}));
    for (std::uint32_t slices = 0; !world_->is_at_rest(); settle())
      if (++slices > kSlicesMax) return fail(ErrorCode::kConflict, "the world does not come to rest");
    return {};
  };
  YARD_TRY_STATUS(look(true));
  Json values = Json::object();
  for (const std::uint32_t output : outputs) append_output(values, *world_, output);
  const Hash128 state = hash128(world_->snapshot());
  YARD_TRY_STATUS(look(false));
  return Json{{"world", manifest_.name},
              {"epoch", world_->epoch()},
              {"event_id", world_->next_event_id()},
              {"now_ms", static_cast<double>(world_->now_ns()) / 1e6},
              {"state_hash", to_hex(state)},
              {"values", std::move(values)}};
}

Result<HostedWorld::Json> HostedWorld::journal(const Request& arguments) {
  if (!keep()) return fail(ErrorCode::kIo, "the journal can't be written now: " + problem_);
  const auto from = arguments.value("from", std::uint64_t{1});
  const auto limit = arguments.value("limit", kRecordsDefault);
  Json records = Json::array();
  bool has_more = false;
  YARD_TRY_STATUS(
      graph::each_record(storage_->journal_disk(), surroundings_.kinds,
                         [&](std::uint64_t seq, const tickets::Record& record, const graph::Image* image) -> Status {
                           if (seq < from) return {};
                           has_more = records.size() >= static_cast<std::size_t>(limit);
                           if (has_more) return {};
                           Json row = {{"seq", seq}};
                           row.update(to_json(record, image));
                           records.push_back(std::move(row));
                           return {};
                         }));
  return Json{{"world", manifest_.name},
              {"records", std::move(records)},
              {"last", storage_->records()},
              {"has_more", has_more}};
}

Result<HostedWorld::Json> HostedWorld::replay(const Request& arguments) {
  if (!keep()) return fail(ErrorCode::kIo, "the journal can't be written now: " + problem_);
  const bool verify = arguments.value("verify", true);
  graph::Replay replay(surroundings_.kinds,
                       {.verify = verify, .to = arguments.value("to", UINT64_MAX), .pool = nullptr, .stop = stop_});
  const Status done = replay_journal(storage_->journal_disk(), surroundings_.kinds, replay);
  if (!done && !replay.difference()) return std::unexpected(done.error());
  Json result = {{"world", manifest_.name}, {"records", replay.seq()}, {"verified", verify && done.has_value()}};
  if (const auto& difference = replay.difference()) {
    result["difference"] = {{"seq", difference->seq},
                            {"field", difference->field},
                            {"expected", difference->expected},
                            {"found", difference->found}};
    return result;
  }
  const graph::World& world = replay.world();
  result["event_id"] = world.next_event_id();
  result["now_ms"] = static_cast<double>(world.now_ns()) / 1e6;
  if (world.is_at_rest()) result["state_hash"] = to_hex(hash128(world.snapshot()));
  Json values = Json::object();
  if (arguments.value("values", true))
    for (std::uint32_t i = 0; i < world.image().get_output_ports().size(); ++i) append_output(values, world, i);
  result["values"] = std::move(values);
  return result;
}

// Between two steps; nothing of it can be seen in what comes of the world.
Result<HostedWorld::Json> HostedWorld::optimize(const Request& arguments) {
  if (arguments["mode"] == "fast") {
    auto code = graph::aot::generate(world_->image(), {});
    if (!code) return std::unexpected(graph::to_error(code.error()));
    const std::filesystem::path library = folder_ / "graph.so";
    YARD_TRY_STATUS(graph::aot::build_library(*code, library));
    YARD_TRY(auto compiled, graph::aot::load_library(library, world_->image()));
    YARD_TRY_STATUS(world_->use_compiled(std::move(compiled)));
  } else {
    YARD_TRY_STATUS(world_->use_compiled(nullptr));
  }
  return Json{{"world", manifest_.name}, {"mode", world_->is_compiled() ? "fast" : "managed"}};
}

// Answered when nothing of it is left.
Status HostedWorld::unload(const Request& arguments) {
  const std::size_t calls = world_->open_calls().size();
  if (calls > 0 && !arguments.value("force", false))
    return fail(ErrorCode::kConflict,
                std::to_string(calls) +
                    " calls wait for their receipts: wait for them, or unload with force, and they "
                    "are answered when the world is loaded again");
  deletes_ = arguments.value("delete", false);
  if (!deletes_) {
    manifest_.unloaded = true;
    YARD_TRY_STATUS(storage_->put(manifest_));
  }
  ends_ = true;
  return {};
}

Result<std::string> HostedWorld::graph_of(const Request& arguments) const {
  if (arguments.contains("graph") == arguments.contains("content_hash"))
    return fail(ErrorCode::kInvalidArguments, "give graph or content_hash");
  if (arguments.contains("content_hash"))
    return surroundings_.read_content(arguments["content_hash"].get<std::string>(), stop_);
  const Request& graph = arguments["graph"];
  return graph.is_string() ? graph.get<std::string>() : graph.dump();
}

Result<std::vector<std::uint32_t>> HostedWorld::outputs_of(const Request& arguments) const {
  std::vector<std::uint32_t> outputs;
  if (!arguments.contains("outputs")) return outputs;
  for (std::size_t i = 0; i < arguments["outputs"].size(); ++i) {
    const auto found = graph::find_output(*world_, arguments["outputs"][i].get<std::string>());
    if (!found) return fail(found.error().code, found.error().message, "/outputs/" + std::to_string(i));
    outputs.push_back(*found);
  }
  return outputs;
}

}  // namespace yard::tools
