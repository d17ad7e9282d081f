#include "tests/sim/setting.h"

#include "engine/base/pack.h"

namespace yard::sim {
namespace {

jobs::ToolNeeds needs_of(std::string_view tool) {
  if (tool == "again") return {.groups = {"idempotent"}, .per_key = {.concurrency = 1}};
  if (tool == "heavy")
    return {.cost = 3,
            .resources = {{"gpu:0", kHeavyGpu}},
            .spends = {{"seconds", 1}},
            .estimate = std::chrono::seconds(kHeavySeconds)};
  return {};
}

}  // namespace

Bytes result_of(std::uint64_t draw) {
  if (draw % 3 != 0) return kEmptyMap;
  Bytes result;
  PackWriter writer(result);
  PackMap(writer).binary("data", Bytes(kResultInlineMax + draw % 50, 'r'));
  return result;
}

jobs::SchedulingPolicy scheduling() {
  jobs::SchedulingPolicy policy;
  policy.tenants["ada"] = {.weight = 3,
                           .budget = {.units = {{"seconds", kBudget}}, .window = std::chrono::seconds(20)}};
  policy.tenants["eve"].group = {.rate_per_s = 20, .burst = 4};
  policy.groups["idempotent"].concurrency = kGroupMost;
  policy.resources["gpu:0"] = kGpu;
  return policy;
}

tools::ToolSpec tool_of(std::string name, bool idempotent) {
  tools::ToolSpec spec;
  spec.name = std::move(name);
  spec.title = spec.description = "for the simulator";
  spec.arguments = spec.result = R"({"type": "object"})";
  spec.kind = tools::ToolKind::kJob;
  spec.idempotent = idempotent;
  spec.deterministic = spec.name == "pure";
  spec.needs = needs_of(spec.name);
  spec.handler = tools::JobHandler([](auto&&...) { return Status{}; });  // the world plays the workers
  return spec;
}

}  // namespace yard::sim
