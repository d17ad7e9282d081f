#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/graph/picture.h"
#include "engine/graph/ranks.h"

namespace yard::graph {
namespace {

constexpr int kCharacter = 7;  // wide, at this size of type
constexpr int kLine = 16;      // high
constexpr int kMargin = 20;
constexpr int kBetweenColumns = 70;
constexpr int kBetweenBoxes = 18;
constexpr int kPasses = 6;  // over all columns, to untangle the wires

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else
      safe += c;
  }
  return safe;
}

struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

// Columns by rank; within a column nodes are put where their neighbours are.
// Source: K. Sugiyama, S. Tagawa, M. Toda: "Methods for visual understanding of hierarchical systems", 1981.
class Layout {
 public:
  explicit Layout(const Image& image) : image_(image), boxes_(image.get_nodes().size()), neighbours_(boxes_.size()) {
    const std::vector<std::uint32_t> ranks = find_ranks(image);
    for (std::uint32_t node = 0; node < ranks.size(); ++node) {
      columns_.resize(std::max<std::size_t>(columns_.size(), ranks[node] + std::size_t{1}));
      columns_[ranks[node]].push_back(node);
      measure(image.get_nodes()[node]);
    }
    for (std::uint32_t input = 0; input < image.get_input_ports().size(); ++input)
      if (const auto driver = image.driver_of(input)) {
        const std::uint32_t from = image.get_output_ports()[*driver].node.value();
        const std::uint32_t to = image.get_input_ports()[input].node.value();
        neighbours_[from].push_back(to);
        neighbours_[to].push_back(from);
      }
    place();
    for (int pass = 0; pass < kPasses; ++pass) {
      for (auto& column : columns_)
        std::ranges::sort(column, {}, [&](std::uint32_t n) { return std::pair(middle_of(n), boxes_[n].y); });
      place();
    }
  }

  [[nodiscard]] const Box& box(std::uint32_t node) const { return boxes_[node]; }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }

 private:
  void measure(const NodeDesc& node) {
    const auto longest = [&](std::span<const PortDesc> ports) {
      std::size_t most = 0;
      for (const PortDesc& port : ports) most = std::max(most, image_.id_of(port).size());
      return most;
    };
    const std::size_t ports = longest(image_.inputs_of(node)) + longest(image_.outputs_of(node)) + 3;
    const std::size_t title = std::max(image_.id_of(node).size(), image_.kind_of(node).name.size());
    const std::size_t lines = std::max(image_.inputs_of(node).size(), image_.outputs_of(node).size());
    boxes_[node.handle.value()] = {.width = static_cast<int>(std::max(ports, title) + 2) * kCharacter,
                                   .height = static_cast<int>(lines + 2) * kLine + 12};
  }
  [[nodiscard]] double middle_of(std::uint32_t node) const {
    const auto& all = neighbours_[node];
    if (all.empty()) return boxes_[node].y;
    double sum = 0;
    for (const std::uint32_t other : all) sum += boxes_[other].y + boxes_[other].height / 2.0;
    return sum / static_cast<double>(all.size());
  }
  void place() {
    width_ = kMargin;
    height_ = 0;
    for (const auto& column : columns_) {
      int y = kMargin;
      int widest = 0;
      for (const std::uint32_t node : column) {
        boxes_[node].x = width_;
        boxes_[node].y = y;
        y += boxes_[node].height + kBetweenBoxes;
        widest = std::max(widest, boxes_[node].width);
      }
      width_ += widest + kBetweenColumns;
      height_ = std::max(height_, y);
    }
    center();
    width_ += kMargin - kBetweenColumns;
    height_ += kMargin - kBetweenBoxes;
  }
  void center() {
    for (const auto& column : columns_) {
      const Box& last = boxes_[column.back()];
      const int shift = (height_ - kBetweenBoxes - last.y - last.height) / 2;
      for (const std::uint32_t node : column) boxes_[node].y += shift;
    }
  }

  const Image& image_;
  std::vector<Box> boxes_;
  std::vector<std::vector<std::uint32_t>> columns_;
  std::vector<std::vector<std::uint32_t>> neighbours_;
  int width_ = kMargin;
  int height_ = 0;
};

std::string text(int x, int y, const char* anchor, const char* style, std::string_view content) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"" + anchor +
         "\" class=\"" + style + "\">" + escaped(content) + "</text>\n";
}

int port_y(const Box& box, std::size_t port) { return box.y + 2 * kLine + 8 + static_cast<int>(port) * kLine; }

std::string draw_node(const Image& image, const NodeDesc& node, const Box& box) {
  std::string svg = "<rect x=\"" + std::to_string(box.x) + "\" y=\"" + std::to_string(box.y) + "\" width=\"" +
                    std::to_string(box.width) + "\" height=\"" + std::to_string(box.height) + "\" rx=\"5\" class=\"" +
                    std::string(name_of(node.role)) + "\"/>\n";
  svg += text(box.x + box.width / 2, box.y + kLine, "middle", "id", image.id_of(node));
  svg += text(box.x + box.width / 2, box.y + 2 * kLine - 3, "middle", "kind", image.kind_of(node).name);
  const auto inputs = image.inputs_of(node);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    svg += text(box.x + 6, port_y(box, i) + 12, "start", "port", image.id_of(inputs[i]));
  const auto outputs = image.outputs_of(node);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    svg += text(box.x + box.width - 6, port_y(box, i) + 12, "end", "port", image.id_of(outputs[i]));
  return svg;
}

std::string draw_wire(const Image& image, const Layout& layout, std::uint32_t input, std::uint32_t output) {
  const PortDesc& from = image.get_output_ports()[output];
  const PortDesc& to = image.get_input_ports()[input];
  const Box& source = layout.box(from.node.value());
  const Box& target = layout.box(to.node.value());
  const int x1 = source.x + source.width;
  const int y1 = port_y(source, output - image.get_nodes()[from.node.value()].first_output) + 8;
  const int y2 = port_y(target, input - image.get_nodes()[to.node.value()].first_input) + 8;
  const auto point = [](int x, int y) { return std::to_string(x) + " " + std::to_string(y); };
  return "<path d=\"M" + point(x1, y1) + " C" + point(x1 + kBetweenColumns / 2, y1) + " " +
         point(target.x - kBetweenColumns / 2, y2) + " " + point(target.x, y2) + "\" class=\"" +
         std::string(name_of(from.port_class)) + "\"/>\n";
}

constexpr const char* kStyle =
    "<style>text{font-family:sans-serif;font-size:12px;fill:#222}.id{font-weight:bold}.kind{fill:#666}"
    ".port{font-size:11px;fill:#444}rect{stroke:#555;fill:#f4f4f4}.source{fill:#e3f0e3}.effect{fill:#f8e6dc}"
    ".timer{fill:#e4e8f7}path{fill:none;stroke:#777;stroke-width:1.4}path.event{stroke-dasharray:5 3}</style>\n";

}  // namespace

std::string to_svg(const Image& image) {
  const Layout layout(image);
  const std::string size =
      "width=\"" + std::to_string(layout.width()) + "\" height=\"" + std::to_string(layout.height()) + "\"";
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + ">\n" + kStyle + "<rect " + size +
                    " style=\"fill:white;stroke:none\"/>\n";
  for (std::uint32_t input = 0; input < image.get_input_ports().size(); ++input)
    if (const auto driver = image.driver_of(input)) svg += draw_wire(image, layout, input, *driver);
  for (const NodeDesc& node : image.get_nodes()) svg += draw_node(image, node, layout.box(node.handle.value()));
  return svg + "</svg>\n";
}

}  // namespace yard::graph
