#include "engine/graph/convert.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace yard::graph {
namespace {

template <typename From, typename To>
To converted(From value) {
  if constexpr (std::is_same_v<To, bool>)
    return static_cast<double>(value) > 0.5;
  else if constexpr (std::is_same_v<From, double>)
    // Rounded, so that what is above a half stays so. Into events only, where no more is asked: see is_convertible.
    return value >= -0x1p63 && value < 0x1p63 ? static_cast<To>(std::nearbyint(value)) : To{};
  else
    return static_cast<To>(value);
}

template <typename From, typename To>
struct ConvertLevel {
  To operator()(From value) const { return converted<From, To>(value); }
};
template <typename From, typename To>
struct ConvertEvents {
  void operator()(Events<From> events, Emit<To> emit) const {
    for (std::size_t i = 0; i < events.size(); ++i) emit(converted<From, To>(events[i]));
  }
};

}  // namespace

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
