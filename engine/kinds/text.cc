// Strings: UTF-8, counted in characters (code points).

#include "engine/kinds/families.h"
#include "engine/kinds/text_kernels.h"

namespace yard::graph {

using namespace kernels;

static_assert(kConcatBytesMax == kMadeTextBytesMax);  // kernels include nothing of the engine but their vocabulary

void add_text(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Concat",
                   .summary = "All inputs, one behind the other.",
                   .inputs = {{"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = {overload<Concat>()}});
  kinds.push_back({.name = "Length",
                   .summary = "How many characters x has.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<Length>()}});
  kinds.push_back({.name = "Substring",
                   .summary = "Of x, count characters from start on, as far as there are any.",
                   .inputs = {{"x"}, {"start", "0"}, {"count", "1"}},
                   .outputs = {"out"},
                   .overloads = {overload<Substring>()}});
  kinds.push_back({.name = "Contains",
                   .summary = "Whether part is within x.",
                   .inputs = {{"x"}, {"part"}},
                   .outputs = {"out"},
                   .overloads = {overload<Contains>()}});
  kinds.push_back({.name = "ToText",
                   .summary = "x as text, the shortest that reads back the same.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ToText<bool>>(), overload<ToText<int64_t>>(), overload<ToText<double>>()}});
  kinds.push_back({.name = "ParseNumber",
                   .summary = "The number that x spells.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ParseNumber<int64_t>>(), overload<ParseNumber<double>>()}});
}

}  // namespace yard::graph
