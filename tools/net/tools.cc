#include "tools/net/tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/nets/load.h"
#include "engine/nets/net_json.h"

namespace yard::tools {
namespace {

constexpr std::uint64_t kSlice = 100'000;          // interactions between two looks at the stop
constexpr std::size_t kAgentsMax = 4u << 20;       // of a net in the broker: about 100 MiB
constexpr std::int64_t kMaxDefault = 100'000'000;  // interactions: some seconds

constexpr std::string_view kCheckArguments = R"json({
  "type": "object",
  "properties": {"net": {"type": ["string", "object"], "description": "As text or JSON; see engine/nets/FORMAT.md"}},
  "required": ["net"],
  "additionalProperties": false
})json";
constexpr std::string_view kCheckResult = R"json({
  "type": "object",
  "properties": {
    "valid": {"type": "boolean"},
    "problems": {"type": "array", "items": {"type": "object"}, "description": "where, message"}
  },
  "required": ["valid", "problems"]
})json";
constexpr std::string_view kRunArguments = R"json({
  "type": "object",
  "properties": {
    "net": {"type": ["string", "object"], "description": "As text or JSON; see engine/nets/FORMAT.md"},
    "max_interactions": {"type": "integer", "minimum": 1, "maximum": 10000000000, "default": 100000000}
  },
  "required": ["net"],
  "additionalProperties": false
})json";
constexpr std::string_view kRunResult = R"json({
  "type": "object",
  "properties": {
    "normal": {"type": "boolean", "description": "False: max_interactions were not enough"},
    "interactions": {"type": "integer"},
    "net": {"type": "array", "items": {"type": "string"}, "description": "The normal form, from the free wires on"},
    "derived": {"type": "object"},
    "hash": {"type": "string"}
  },
  "required": ["normal", "interactions", "net", "derived", "hash"]
})json";

std::string text_of(PackView net) {
  return net.type() == PackType::kMap ? to_json(net).dump() : std::string(net.string_or(""));
}

Status check(PackView arguments, PackWriter& result) {
  const auto network = nets::load_net(text_of(arguments.find("net")));
  PackMap map(result);
  map.boolean("valid", network.has_value());
  PackArray problems = map.array("problems");
  if (network) return {};
  for (const nets::Problem& problem : network.error())
    problems.map().string("where", problem.where).string("message", problem.message);
  return {};
}

Error error_of(const nets::Problems& problems) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(problems.size(), 20); ++i)
    text += (i == 0 ? "" : "; ") + problems[i].where + " " + problems[i].message;
  return {.code = ErrorCode::kInvalidArguments, .message = std::move(text), .pointer = "/net"};
}

Status run(PackView arguments, jobs::JobContext& context, PackWriter& result) {
  auto network = nets::load_net(text_of(arguments.find("net")));
  if (!network) return std::unexpected(error_of(network.error()));
  const auto max = static_cast<std::uint64_t>(arguments.find("max_interactions").integer_or(kMaxDefault));
  nets::Reduction done;
  while (!done.is_normal && done.interactions < max) {
    if (context.stop().stop_requested()) return fail(ErrorCode::kCancelled, "told to stop");
    const nets::Reduction slice = network->reduce(std::min(kSlice, max - done.interactions));
    done = {.interactions = done.interactions + slice.interactions,
            .is_normal = slice.is_normal,
            .is_out_of_room = slice.is_out_of_room};
    const std::size_t agents = network->state().heap.live_count() - network->state().free.size();
    if (done.is_out_of_room || agents > kAgentsMax)
      return fail(ErrorCode::kTooLarge, "the net has grown to " + std::to_string(agents) + " agents after " +
                                            std::to_string(done.interactions) + " interactions");
    context.progress(100.0 * static_cast<double>(done.interactions) / static_cast<double>(max),
                     std::to_string(done.interactions) + " interactions, " + std::to_string(agents) + " agents");
  }
  write_json(result, nets::net_json(*network, done));
  return {};
}

}  // namespace

Status add_net_tools(Registry& registry) {
  YARD_TRY_STATUS(registry.add(
      {.name = "net_check",
       .title = "Check an interaction net",
       .description = "Tells whether a net can be reduced, or everything that is wrong with it, each with its place.",
       .arguments = std::string(kCheckArguments),
       .result = std::string(kCheckResult),
       .kind = ToolKind::kImmediate,
       .read_only = true,
       .idempotent = true,
       .handler = ImmediateHandler(
           [](PackView arguments, InlineContext&, PackWriter& result) { return check(arguments, result); })}));
  return registry.add({.name = "net_run",
                       .title = "Reduce an interaction net",
                       .description = "Reduces a net of agents and rules to its normal form, and counts the "
                                      "interactions, which are the same in whatever order it is reduced.",
                       .arguments = std::string(kRunArguments),
                       .result = std::string(kRunResult),
                       .kind = ToolKind::kJob,
                       .timeout_class = TimeoutClass::kMedium,
                       .read_only = true,
                       .idempotent = true,
                       .deterministic = true,
                       .grade = jobs::Grade::kBuffered,
                       .handler = JobHandler(run)});
}

}  // namespace yard::tools
