#include "engine/graph/picture.h"

namespace yard::graph {
namespace {

// A label's text between quotes; in records, braces and bars mean something.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (std::string_view("\"\\{}|<> ").contains(c)) safe += '\\';
    safe += c;
  }
  return safe;
}

std::string ports(const Image& image, std::span<const PortDesc> all) {
  std::string text;
  for (const PortDesc& port : all)
    text += (text.empty() ? "" : "|") + std::string("<p") + std::to_string(port.handle.value()) + "> " +
            escaped(image.id_of(port));
  return "{" + text + "}";
}

}  // namespace

std::string to_dot(const Image& image) {
  std::string dot = "digraph graph_ {\n  rankdir=LR;\n  node [shape=record, fontname=\"sans-serif\", fontsize=10];\n";
  for (const NodeDesc& node : image.get_nodes())
    dot += "  n" + std::to_string(node.handle.value()) + " [label=\"{" + ports(image, image.inputs_of(node)) + "|" +
           escaped(image.id_of(node)) + "\\n" + escaped(image.kind_of(node).name) + "|" +
           ports(image, image.outputs_of(node)) + "}\"];\n";
  for (std::uint32_t input = 0; input < image.get_input_ports().size(); ++input) {
    const auto driver = image.driver_of(input);
    if (!driver) continue;
    const PortDesc& from = image.get_output_ports()[*driver];
    const PortDesc& to = image.get_input_ports()[input];
    dot += "  n" + std::to_string(from.node.value()) + ":p" + std::to_string(from.handle.value()) + " -> n" +
           std::to_string(to.node.value()) + ":p" + std::to_string(to.handle.value()) +
           (from.port_class == PortClass::kEvent ? " [style=dashed];\n" : ";\n");
  }
  return dot + "}\n";
}

}  // namespace yard::graph
