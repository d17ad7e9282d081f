// FORMAT.md and the kinds' page say what is.
#include <fstream>
#include <iterator>

#include "engine/graph/picture.h"
#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

std::string page(const std::string& path) {
  std::ifstream file(YARD_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string example() {
  const std::string text = page("engine/graph/FORMAT.md");
  const std::size_t begin = text.find("```json\n") + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(GraphFormatPage, ItsExampleLoadsAndRuns) {
  testing::Rig rig(example());
  EXPECT_EQ(rig.get<double>("loud/times"), 7.5);
  rig.advance(6'000);
  EXPECT_EQ(rig.get<double>("loud/times"), 12.5);
}

TEST(GraphFormatPage, EveryKindIsOnThePage) {
  const std::string text = page("engine/kinds/README.md");
  const auto kinds = standard_kinds();
  for (const Kind& kind : kinds->all()) {
    if (kind.name != "Convert") EXPECT_NE(text.find(kind.name), std::string::npos) << kind.name;
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
  }
}

TEST(GraphPicture, ShowsEveryNodeAndWire) {
  const auto image = testing::load(example());
  const std::string svg = to_svg(*image);
  const std::string dot = to_dot(*image);
  for (const NodeDesc& node : image->get_nodes()) {
    EXPECT_NE(svg.find(">" + std::string(image->id_of(node)) + "<"), std::string::npos);
    EXPECT_NE(dot.find("n" + std::to_string(node.handle.value()) + " ["), std::string::npos);
  }
  EXPECT_NE(svg.find("class=\"event\""), std::string::npos);
  EXPECT_NE(dot.find("n2:p2 -> n3:p3"), std::string::npos);
}

TEST(GraphPicture, ShowsWhateverIdsThereAre) {
  const auto image = testing::load(R"({"nodes": [{"id": "<b>&\"x|{", "type": "Not"}]})");
  EXPECT_NE(to_svg(*image).find("&lt;b&gt;&amp;"), std::string::npos);
  EXPECT_NE(to_dot(*image).find("\\<b\\>&\\\"x\\|\\{"), std::string::npos);
}

}  // namespace
}  // namespace yard::graph
