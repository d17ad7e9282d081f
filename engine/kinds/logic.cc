// Logic.
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

struct And {
  bool operator()(Many<bool> all) const {
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (!all[i]) return false;
    return true;
  }
};
struct Or {
  bool operator()(Many<bool> all) const {
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (all[i]) return true;
    return false;
  }
};
struct Xor {
  bool operator()(bool a, bool b) const { return a != b; }
};
struct Not {
  bool operator()(bool x) const { return !x; }
};

}  // namespace

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
