#include "engine/world/output_json.h"

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

// An ordered object searches all of its members for each that is added in the usual way.
void append_output(json& message, const World& world, std::uint32_t output) {
  auto& members = message.get_ref<json::object_t&>();
  members.json::object_t::Container::emplace_back(output_name(world.image(), output), output_json(world, output));
}

}  // namespace yard::graph
