#include "engine/kinds/standard.h"

#include "engine/base/check.h"
#include "engine/kinds/families.h"

namespace yard::graph {

Status add_standard_kinds(Kinds& kinds) {
  std::vector<Kind> all;
  for (const auto add_family : {add_outside, add_timing, add_memory, add_arithmetic, add_comparison, add_logic,
                                add_select, add_random, add_text, add_json, add_fold, add_formula, add_script, add_net})
    add_family(all);
  for (Kind& kind : all) YARD_TRY_STATUS(kinds.add(std::move(kind)));
  return {};
}

std::shared_ptr<const Kinds> standard_kinds() {
  auto kinds = std::make_shared<Kinds>();
  YARD_CHECK(add_standard_kinds(*kinds));
  return kinds;
}

}  // namespace yard::graph
