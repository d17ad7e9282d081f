// Where values come into a graph and where they leave it.
#include <array>

#include "engine/kinds/families.h"
#include "engine/kinds/outside_kernels.h"

namespace yard::graph {
namespace {

using namespace kernels;

constexpr std::array kAllTypes = {DataType::kBool,   DataType::kInt64, DataType::kDouble,
                                  DataType::kString, DataType::kBytes, DataType::kJson};

Result<ChannelSettings> channel_settings(const Parameters& parameters) {
  return ChannelSettings{std::string(parameters.text("channel"))};
}
Result<RequireSettings> require_settings(const Parameters& parameters) {
  return RequireSettings{std::string(parameters.text("message")), parameters.get<bool>("roll_back")};
}

// No arguments, no call.
struct CallTool {
  struct Settings {
    std::string tool;
    static Result<Settings> make(const Parameters& parameters) {
      if (parameters.text("tool").empty()) return fail(ErrorCode::kInvalidArguments, "names no tool", "/tool");
      return Settings{std::string(parameters.text("tool"))};
    }
  };
  void operator()(const Settings& settings, Outside& outside, In<DataType::kJson> arguments) const {
    if (arguments.view().empty() || arguments.view() == "null") return;
    outside.effect(settings.tool, DataType::kJson);
  }
};

Kind call_kind() {
  Overload call = overload<CallTool>();
  call.kernel.outputs = {{DataType::kJson}, {DataType::kInt64}, {DataType::kJson}};
  call.kernel.wants_receipt = true;
  return {.name = "Call",
          .summary =
              "Calls a tool whenever its arguments change, unless they are null. result is what came of the "
              "call that was answered last, asked its arguments, and answered counts them.",
          .role = NodeRole::kEffect,
          .inputs = {{"arguments"}},
          .outputs = {"result", "answered", "asked"},
          .parameters = {{.name = "tool", .type = DataType::kString}},
          .overloads = {std::move(call)}};
}

Kind require_kind() {
  return {.name = "Require",
          .summary = "Something that must hold: where it does not, the world says so, or goes back to its check point.",
          .role = NodeRole::kEffect,
          .inputs = {{"holds", "true"}},
          .parameters = {{.name = "message", .type = DataType::kString, .fallback = "\"does not hold\""},
                         {.name = "roll_back", .type = DataType::kBool, .fallback = "false"}},
          .overloads = {overload<Require, require_settings>()}};
}

Kind source_kind(std::string name, std::string summary) {
  Kind kind{.name = std::move(name),
            .summary = std::move(summary),
            .role = NodeRole::kSource,
            .outputs = {"out1"},
            .parameters = {{.name = "value", .fallback = "", .as_output = true}},
            .free_names = true};
  for (const DataType type : kAllTypes) kind.overloads.push_back(source({type}));
  return kind;
}

Kind event_source() {
  return {.name = "EventInput",
          .summary = "Events that come from outside.",
          .role = NodeRole::kSource,
          .outputs = {"out1"},
          .overloads = {source({DataType::kDouble, PortClass::kEvent}), source({DataType::kInt64, PortClass::kEvent}),
                        source({DataType::kBool, PortClass::kEvent})},
          .free_names = true};
}

Kind effect_kind(std::string name, std::string summary, const std::string& channel) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .role = NodeRole::kEffect,
          .inputs = {{"x"}},
          .parameters = {{.name = "channel", .type = DataType::kString, .fallback = "\"" + channel + "\""}},
          .overloads = {overload<Leave<bool>, channel_settings>(), overload<Leave<std::int64_t>, channel_settings>(),
                        overload<Leave<double>, channel_settings>(),
                        overload<Leave<In<DataType::kString>>, channel_settings>(),
                        overload<Leave<In<DataType::kBytes>>, channel_settings>(),
                        overload<Leave<In<DataType::kJson>>, channel_settings>()}};
}

}  // namespace

void add_outside(std::vector<Kind>& kinds) {
  kinds.push_back(source_kind("Value", "A value that is set now and then."));
  kinds.push_back(source_kind("Input", "A value that comes from outside."));
  kinds.push_back(event_source());
  kinds.push_back(effect_kind("Emit", "Lets x out on a channel whenever it changes.", "out"));
  kinds.push_back(call_kind());
  kinds.push_back(require_kind());
  kinds.push_back(effect_kind("Log", "Writes x to the log whenever it changes.", "log"));
}

}  // namespace yard::graph
