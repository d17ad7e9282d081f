#include "engine/graph/convert.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/graph/convert_kernels.h"

namespace yard::graph {

using namespace kernels;

bool is_convertible(PortType from, PortType to) {
  if (from.type == to.type) return true;
  if (!is_scalar(from.type) || !is_scalar(to.type)) return false;
  return from.type < to.type || to.port_class == PortClass::kEvent;
}

Kind convert_kind() {
  using std::int64_t;
  return {.name = "Convert",
          .summary = "What stands in a connection between two types.",
          .inputs = {{"x"}},
          .outputs = {"out"},
          .overloads = {overload<ConvertLevel<bool, int64_t>>(), overload<ConvertLevel<bool, double>>(),
                        overload<ConvertLevel<int64_t, double>>(), overload<ConvertLevel<int64_t, bool>>(),
                        overload<ConvertLevel<double, bool>>(), overload<ConvertLevel<double, int64_t>>(),
                        overload<ConvertEvents<bool, int64_t>>(), overload<ConvertEvents<bool, double>>(),
                        overload<ConvertEvents<int64_t, double>>(), overload<ConvertEvents<int64_t, bool>>(),
                        overload<ConvertEvents<double, bool>>(), overload<ConvertEvents<double, int64_t>>()}};
}

const Overload* find_conversion(const Kind& kind, PortType from, PortType to) {
  if (from.type == to.type) return nullptr;
  // A level that feeds events stays a level, whose edges its reader sees; only events become events.
  const auto found = std::ranges::find_if(kind.overloads, [&](const Overload& overload) {
    const Kernel& kernel = overload.kernel;
    return kernel.inputs.front() == PortType{from.type, from.port_class} && kernel.outputs.front().type == to.type;
  });
  YARD_CHECK(found != kind.overloads.end());
  return &*found;
}

}  // namespace yard::graph
