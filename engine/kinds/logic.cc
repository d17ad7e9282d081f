// Logic.
#include "engine/kinds/families.h"
#include "engine/kinds/logic_kernels.h"

namespace yard::graph {

using namespace kernels;

void add_logic(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "And",
                   .summary = "Whether all inputs are true.",
                   .inputs = {{"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = {overload<And>()}});
  kinds.push_back({.name = "Or",
                   .summary = "Whether one input is true at least.",
                   .inputs = {{"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = {overload<Or>()}});
  kinds.push_back({.name = "Xor",
                   .summary = "Whether a differs from b.",
                   .inputs = {{"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = {overload<Xor>()}});
  kinds.push_back({.name = "Not",
                   .summary = "Whether x is false.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<Not>()}});
}

}  // namespace yard::graph
