#include "engine/graph/settings.h"

#include <algorithm>

#include "engine/base/check.h"

namespace yard::graph {

const ParameterValue& Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Parameter::name);
  YARD_CHECK(found != all_.end());
  return found->value;
}

}  // namespace yard::graph
