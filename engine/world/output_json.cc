#include "engine/world/output_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/world/record_json.h"

namespace yard::graph {

using json = nlohmann::ordered_json;

std::string output_name(const Image& image, std::uint32_t output) {
  const PortDesc& port = image.get_output_ports()[output];
  std::string name(image.id_of(image.get_nodes()[port.node.value()]));
  name += ':';
  name += image.id_of(port);
  return name;
}

json output_json(const World& world, std::uint32_t output) {
  const auto value = world.get(output);
  if (value) return to_json(*value, world.image().get_output_ports()[output].type);
  return {{"fault", name_of(value.error().code)}, {"text", value.error().text}};
}

json schema_json(const Image& image) {
  json nodes = json::array();
  for (const NodeDesc& node : image.get_nodes())
    nodes.push_back({{"handle", node.handle.value()}, {"id", image.id_of(node)}, {"type", image.kind_of(node).name}});
  json ports = json::array();
  const auto add = [&](const PortDesc& port) {
    ports.push_back({{"handle", port.handle.value()},
                     {"nodeId", image.id_of(image.get_nodes()[port.node.value()])},
                     {"portId", image.id_of(port)},
                     {"direction", port.direction == Direction::kInput ? "input" : "output"},
                     {"dtype", name_of(port.type)},
                     {"class", name_of(port.port_class)}});
  };
  for (const NodeDesc& node : image.get_nodes()) {
    std::ranges::for_each(image.inputs_of(node), add);
    std::ranges::for_each(image.outputs_of(node), add);
  }
  return {{"graph_hash", to_hex(image.hash())}, {"nodes", std::move(nodes)}, {"ports", std::move(ports)}};
}

// An ordered object searches all of its members for each that is added in the usual way.
void append_output(json& message, const World& world, std::uint32_t output) {
  auto& members = message.get_ref<json::object_t&>();
  members.json::object_t::Container::emplace_back(output_name(world.image(), output), output_json(world, output));
}

}  // namespace yard::graph
