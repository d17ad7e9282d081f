#include "engine/world/session.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/graph/pointer.h"
#include "engine/graph/value.h"
#include "engine/world/record_json.h"

namespace yard::graph {
namespace {

using json = nlohmann::ordered_json;
using Request = nlohmann::json;

std::unexpected<Error> refuse(std::string message, std::string pointer) {
  return fail(ErrorCode::kInvalidArguments, std::move(message), std::move(pointer));
}

// What each request may have beside its type; anything else is a mistake somebody wants to hear of.
Status check_members(const Request& request, std::initializer_list<std::string_view> known, const std::string& at) {
  for (const auto& [name, value] : request.items())
    if (name != "type" && std::ranges::find(known, name) == known.end())
      return refuse("is no member of " + request["type"].get<std::string>(), make_pointer(at, name));
  return {};
}

using Nodes = std::unordered_map<std::string_view, NodeHandle>;

class Reader {
 public:
  Reader(const World& world, const Nodes& nodes, std::string at) : world_(world), nodes_(nodes), at_(std::move(at)) {}

  Result<std::uint32_t> output(const Request& request) const {
    if (request.contains("handle")) return output_of_handle(request["handle"]);
    if (!request.contains("node") || !request["node"].is_string())
      return refuse("name a node, or a port by its handle", at_ + "/node");
    const auto& id = request["node"].get_ref<const std::string&>();
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return fail(ErrorCode::kNotFound, "there is no node " + id, at_ + "/node");
    if (request.contains("port") && !request["port"].is_string()) return refuse("has to be a string", at_ + "/port");
    const std::string port = request.value("port", "");
    const NodeDesc& node = world_.image().get_nodes()[found->second.value()];
    const auto outputs = world_.image().outputs_of(node);
    for (std::uint32_t i = 0; i < outputs.size(); ++i)
      if (port.empty() || world_.image().id_of(outputs[i]) == port) return node.first_output + i;
    return fail(ErrorCode::kNotFound, id + " has no output " + port, at_ + "/port");
  }

  Result<Value> value(std::uint32_t output, const Request& value, const std::string& pointer) const {
    const DataType type = world_.image().get_output_ports()[output].type;
    auto parsed = parse_value(value.dump(-1, ' ', false, Request::error_handler_t::replace), type);
    if (parsed) return parsed;
    return refuse(parsed.error().message, at_ + pointer);
  }

  template <typename T>
  Result<T> cause(const Request& request, const Request& from, const std::string& pointer) const {
    YARD_TRY(const std::uint32_t number, output(request));
    YARD_TRY(Value read, value(number, from, pointer));
    T cause{number, std::move(read)};
    if (auto checked = world_.check(cause); !checked)
      return refuse(checked.error().message, at_ + (request.contains("handle") ? "/handle" : "/node"));
    return cause;
  }

 private:
  Result<std::uint32_t> output_of_handle(const Request& handle) const {
    const auto outputs = world_.image().get_output_ports();
    if (!handle.is_number_unsigned()) return refuse("has to be a port's number", at_ + "/handle");
    const auto number = handle.get<std::uint64_t>();
    const auto found =
        std::ranges::lower_bound(outputs, number, {}, [](const PortDesc& port) { return port.handle.value(); });
    if (found == outputs.end() || found->handle.value() != number)
      return fail(ErrorCode::kNotFound, "there is no output with handle " + std::to_string(number), at_ + "/handle");
    return static_cast<std::uint32_t>(found - outputs.begin());
  }

  const World& world_;
  const Nodes& nodes_;
  std::string at_;
};

Status add_cause(const World& world, const Nodes& nodes, const Request& request, const std::string& at,
                 std::vector<Cause>& causes) {
  if (!request.is_object() || !request.contains("type") || !request["type"].is_string())
    return refuse("has to be an object with a type", at);
  const Reader reader(world, nodes, at);
  const auto type = request["type"].get<std::string>();
  if (type == "set") {
    YARD_TRY_STATUS(check_members(request, {"node", "port", "handle", "value"}, at));
    if (!request.contains("value")) return refuse("is missing", at + "/value");
    YARD_TRY(SetCause cause, reader.cause<SetCause>(request, request["value"], "/value"));
    causes.emplace_back(std::move(cause));
    return {};
  }
  if (type != "emit") return refuse("a batch has set and emit only", at + "/type");
  YARD_TRY_STATUS(check_members(request, {"node", "port", "handle", "value", "values"}, at));
  if (request.contains("value") == request.contains("values")) return refuse("give value or values", at);
  if (request.contains("value")) {
    YARD_TRY(EmitCause cause, reader.cause<EmitCause>(request, request["value"], "/value"));
    causes.emplace_back(std::move(cause));
    return {};
  }
  if (!request["values"].is_array()) return refuse("has to be a list", at + "/values");
  for (std::size_t i = 0; i < request["values"].size(); ++i) {
    YARD_TRY(EmitCause cause, reader.cause<EmitCause>(request, request["values"][i], "/values/" + std::to_string(i)));
    causes.emplace_back(std::move(cause));
  }
  return {};
}

Result<Hash128> read_intent(const Request& request, const std::string& at) {
  if (request.contains("intent_hash") && request["intent_hash"].is_string())
    if (const auto intent = parse_hash128(request["intent_hash"].get_ref<const std::string&>())) return *intent;
  return refuse("has to be 32 hex digits", at + "/intent_hash");
}

Result<ReceiptCause> read_receipt(const World& world, const Request& request, const std::string& at) {
  YARD_TRY_STATUS(check_members(request, {"intent_hash", "result", "error"}, at));
  if (request.contains("result") == request.contains("error")) return refuse("give result or error", at);
  ReceiptCause receipt;
  YARD_TRY(receipt.intent, read_intent(request, at));
  if (request.contains("result")) {
    receipt.text = request["result"].dump(-1, ' ', false, Request::error_handler_t::replace);
  } else {
    if (!request["error"].is_string()) return refuse("has to be a string", at + "/error");
    receipt.fault = FaultCode::kCallFailed;
    receipt.text = request["error"].get<std::string>();
  }
  auto checked = world.check(receipt);
  if (!checked) return fail(checked.error().code, checked.error().message, at + "/intent_hash");
  return receipt;
}

Status add_batch(const World& world, const Nodes& nodes, const Request& request, std::vector<Cause>& causes) {
  YARD_TRY_STATUS(check_members(request, {"causes"}, ""));
  if (!request.contains("causes") || !request["causes"].is_array()) return refuse("has to be a list", "/causes");
  if (request["causes"].size() > kBatchMax)
    return fail(ErrorCode::kTooLarge, "at most " + std::to_string(kBatchMax) + " in a batch", "/causes");
  for (std::size_t i = 0; i < request["causes"].size(); ++i)
    YARD_TRY_STATUS(add_cause(world, nodes, request["causes"][i], "/causes/" + std::to_string(i), causes));
  return {};
}

// Milliseconds, with fractions, to nanoseconds.
Result<std::int64_t> read_ms(const Request& request, const char* name) {
  const std::string pointer = std::string("/") + name;
  if (!request[name].is_number()) return refuse("has to be a number of milliseconds", pointer);
  const double ns = request[name].get<double>() * 1e6;
  if (!(ns >= 0 && ns < 0x1p62)) return refuse("has to be 0 at least, and to fit", pointer);
  return std::llround(ns);
}

Status add_advance(const World& world, const Request& request, std::vector<Cause>& causes) {
  YARD_TRY_STATUS(check_members(request, {"ms", "to_ms"}, ""));
  if (request.contains("ms") == request.contains("to_ms")) return refuse("give ms or to_ms", "");
  const bool is_relative = request.contains("ms");
  YARD_TRY(const std::int64_t ns, read_ms(request, is_relative ? "ms" : "to_ms"));
  if (is_relative && ns > INT64_MAX - world.now_ns()) return refuse("is too far away", "/ms");
  const std::int64_t to_ns = is_relative ? world.now_ns() + ns : ns;
  if (to_ns < world.now_ns()) return refuse("logical time never goes back", "/to_ms");
  causes.emplace_back(AdvanceCause{to_ns});
  return {};
}

}  // namespace

json refusal(const Error& error) {
  return {{"ok", false}, {"code", error_name(error.code)}, {"pointer", error.pointer}, {"err", error.message}};
}

Result<std::uint32_t> find_output(const World& world, std::string_view text) {
  if (const auto found = world.find_output(text)) return *found;
  for (std::size_t colon = text.rfind(':'); colon != std::string_view::npos && colon > 0;
       colon = text.rfind(':', colon - 1))
    if (const auto found = world.find_output(text.substr(0, colon), text.substr(colon + 1))) return *found;
  return fail(ErrorCode::kNotFound,
              "there is no output " + std::string(text) + "; outputs are called node or node:port");
}

json to_json(const Effect& effect, const Image& image) {
  json row = {{"type", effect.is_call ? "call" : "effect"},
              {"event_id", effect.event_id},
              {"node", image.id_of(image.get_nodes()[effect.node.value()])},
              {effect.is_call ? "tool" : "channel", effect.channel},
              {effect.is_call ? "arguments" : "value", to_json(effect.value, effect.type)}};
  if (effect.intent != Hash128{}) row["intent_hash"] = to_hex(effect.intent);
  return row;
}

json to_json(const Breach& breach, const Image& image) {
  return {{"type", "breach"},
          {"event_id", breach.event_id},
          {"node", image.id_of(image.get_nodes()[breach.node.value()])},
          {"message", breach.message},
          {"rolled_back", breach.rolled_back}};
}

json to_json(const WorldStats& stats) {
  return {{"nodes", stats.nodes},           {"live_nodes", stats.live_nodes},
          {"waves", stats.waves},           {"steps", stats.steps},
          {"effects", stats.effects},       {"asleep", stats.asleep},
          {"open_calls", stats.open_calls}, {"restless_cycles", stats.restless_cycles}};
}

json Session::take(std::string_view line) {
  if (line.size() > kLineBytesMax) return refusal({.code = ErrorCode::kTooLarge, .message = "the line is too long"});
  const Result<Request> request = parse_json(line);
  return request ? ask(*request) : refusal(request.error());
}

json Session::ask(const Request& request) {
  auto answer = answered(request);
  if (!answer) return refusal(answer.error());
  return *std::move(answer);
}

Result<json> Session::answered(const Request& request) {
  if (!request.is_object() || !request.contains("type") || !request["type"].is_string())
    return refuse("has to be an object with a type", "");
  if (epoch_ != world_.epoch()) index_nodes();
  const auto type = request["type"].get<std::string>();
  if (type == "get") return get(request);
  if (type == "stats") return json{{"ok", true}, {"stats", to_json(world_.get_stats())}};
  if (type == "reload") return reload(request);
  std::vector<Cause> causes;
  if (type == "batch") {
    YARD_TRY_STATUS(add_batch(world_, nodes_, request, causes));
  } else if (type == "advance") {
    YARD_TRY_STATUS(add_advance(world_, request, causes));
  } else if (type == "receipt") {
    YARD_TRY(causes.emplace_back(), read_receipt(world_, request, ""));
  } else if (type == "check_point") {
    causes.emplace_back(CheckPointCause{});
  } else if (type == "roll_back") {
    causes.emplace_back(RollBackCause{});
  } else if (type == "set" || type == "emit") {
    YARD_TRY_STATUS(add_cause(world_, nodes_, request, "", causes));
  } else {
    return refuse("has to be set, emit, batch, advance, receipt, get, stats, reload, check_point or roll_back",
                  "/type");
  }
  for (const Cause& cause : causes) YARD_TRY_STATUS(world_.apply(cause));
  return json{{"ok", true}};
}

void Session::index_nodes() {
  epoch_ = world_.epoch();
  nodes_.clear();
  for (const NodeDesc& node : world_.image().get_nodes()) nodes_.emplace(world_.image().id_of(node), node.handle);
}

Result<json> Session::get(const Request& request) {
  YARD_TRY_STATUS(check_members(request, {"node", "port", "handle"}, ""));
  YARD_TRY(const std::uint32_t output, Reader(world_, nodes_, "").output(request));
  const auto value = world_.get(output);
  json answer = {{"ok", true}};
  if (value)
    answer["value"] = to_json(*value, world_.image().get_output_ports()[output].type);
  else
    answer["fault"] = name_of(value.error().code);
  if (!world_.is_live(output)) answer["stale"] = true;  // nothing keeps it up to date
  return answer;
}

Result<json> Session::reload(const Request& request) {
  YARD_TRY_STATUS(check_members(request, {"graph", "flow"}, ""));
  if (request.contains("graph") == request.contains("flow")) return refuse("give graph or flow", "");
  std::string graph;
  if (request.contains("graph")) {
    graph = request["graph"].dump(-1, ' ', false, Request::error_handler_t::replace);
  } else {
    if (!options_.read_file || !request["flow"].is_string())
      return refuse("has to be a file, where files can be read; give the graph itself", "/flow");
    YARD_TRY(graph, options_.read_file(request["flow"].get<std::string>()));
  }
  const auto done = world_.reload(std::move(graph));
  if (done) return json{{"ok", true}, {"epoch", world_.epoch()}};
  json answer = refusal({.code = ErrorCode::kInvalidArguments,
                         .message = "the graph has problems; the old one goes on",
                         .pointer = "/graph" + done.error().front().pointer});
  answer["problems"] = json::array();
  for (const Problem& problem : done.error())
    answer["problems"].push_back(
        {{"code", name_of(problem.code)}, {"pointer", problem.pointer}, {"message", problem.message}});
  return answer;
}

}  // namespace yard::graph
