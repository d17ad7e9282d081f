// Any bytes as a graph document: an image or problems, the same each time, never a crash; an image can be gone over.
#include <cmath>

#include "engine/base/check.h"
#include "engine/graph/load.h"
#include "engine/graph/ranks.h"
#include "engine/kinds/standard.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace yard;
using namespace yard::graph;

struct NoHost final : Host {
  void wake(std::uint32_t, std::int64_t) override {}
  void effect(std::uint32_t, std::string_view, DataType, Cell) override {}
  void breach(std::uint32_t, std::string_view, bool) override {}
};

void run_once(const Image& image) {
  Cells cells = image.make_cells();
  for (Mark& mark : cells.marks) mark |= kChanged;
  NoHost host;
  const Frame frame{image.wiring(), cells, host};
  for (std::uint32_t i = 0; i < image.run_count(); ++i) {
    const KernelRun run = image.run(i);
    if (const auto run_many = image.kernel(run.first).run_many) run_many(frame, run.first, run.count);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kinds = standard_kinds();
  const std::string json(reinterpret_cast<const char*>(data), size);
  const auto image = load_graph(json, kinds);
  const auto again = load_graph(json, kinds);
  YARD_CHECK(image.has_value() == again.has_value());
  if (!image) {
    YARD_CHECK(!image.error().empty() && image.error().size() == again.error().size());
    for (std::size_t i = 0; i < image.error().size(); ++i)
      YARD_CHECK(image.error()[i].pointer == again.error()[i].pointer && !image.error()[i].message.empty());
    return 0;
  }
  YARD_CHECK((*image)->hash() == (*again)->hash());
  YARD_CHECK(find_ranks(**image).size() == (*image)->get_nodes().size());
  if ((*image)->node_count() < 10'000) run_once(**image);
  return 0;
}
