// Kinds that remember: latches and counters.
#include "engine/kinds/families.h"
#include "engine/kinds/memory_kernels.h"

namespace yard::graph {

using namespace kernels;

void add_memory(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Latch",
                   .summary = "x, or while hold is true what x was when it became so.",
                   .inputs = {{"x"}, {"hold"}},
                   .outputs = {"out"},
                   .overloads = {overload<Latch<bool>>(), overload<Latch<int64_t>>(), overload<Latch<double>>(),
                                 overload<LatchText<DataType::kString>>(), overload<LatchText<DataType::kBytes>>(),
                                 overload<LatchText<DataType::kJson>>()}});
  kinds.push_back({.name = "SetReset",
                   .summary = "True from set to reset; reset wins.",
                   .inputs = {{"set"}, {"reset"}},
                   .outputs = {"out"},
                   .overloads = {overload<SetReset>()}});
  kinds.push_back({.name = "Toggle",
                   .summary = "Changes with every rising edge, or event above 0.5, of the trigger.",
                   .inputs = {{"trigger"}},
                   .outputs = {"out"},
                   .overloads = {overload<Toggle<bool>>(), overload<Toggle<int64_t>>(), overload<Toggle<double>>()}});
  kinds.push_back({.name = "Counter",
                   .summary = "How many rising edges, or events above 0.5, there were.",
                   .inputs = {{"in1"}},
                   .outputs = {"out1"},
                   .overloads = {overload<Counter<int64_t, int64_t>>(), overload<Counter<double, int64_t>>(),
                                 overload<Counter<bool, int64_t>>(), overload<Counter<int64_t, double>>(),
                                 overload<Counter<double, double>>(), overload<Counter<bool, double>>()},
                   .free_names = true});
}

}  // namespace yard::graph
