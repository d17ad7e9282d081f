#include "engine/graph/image.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/graph/value.h"

namespace yard::graph {
namespace {

template <typename T>
std::size_t size_of(const std::vector<T>& column) {
  return column.size() * sizeof(T);
}

// Texts have a place in the column of texts for ever; their cell only says which.
void begin_cell(Cells& cells, std::size_t cell, DataType type) {
  if (is_scalar(type)) return;
  cells.values[cell] = Cell::from_bits(cells.texts.size());
  cells.texts.emplace_back();
}

void set_cell(Cells& cells, std::size_t cell, const ParameterValue& value) {
  if (const auto* text = std::get_if<Text>(&value))
    cells.texts[cells.values[cell].bits()] = *text;
  else
    cells.values[cell] = to_cell(value);
}

}  // namespace

std::span<const PortDesc> Image::inputs_of(const NodeDesc& node) const {
  const std::uint32_t end = nodes_[node.handle.value() + std::size_t{1}].first_input;
  return {inputs_.data() + node.first_input, inputs_.data() + end};
}

std::span<const PortDesc> Image::outputs_of(const NodeDesc& node) const {
  const std::uint32_t end = nodes_[node.handle.value() + std::size_t{1}].first_output;
  return {outputs_.data() + node.first_output, outputs_.data() + end};
}

std::optional<std::uint32_t> Image::driver_of(std::uint32_t input) const {
  const NodeDesc& node = nodes_[inputs_[input].node.value()];
  std::uint32_t cell = drivers_[in_first_[place_of(node.handle)] + input - node.first_input];
  if (cell >= output_count()) return std::nullopt;
  std::uint32_t place = node_of(cell);
  if (!handle_of(place)) {  // what is converted
    cell = drivers_[in_first_[place]];
    place = node_of(cell);
  }
  return nodes_[handle_of_[place]].first_output + cell - out_cell_[place];
}

std::uint32_t Image::node_of(std::uint32_t cell) const {
  return static_cast<std::uint32_t>(std::ranges::upper_bound(out_cell_, cell) - out_cell_.begin()) - 1;
}

const NodeDesc* Image::find_node(std::string_view id) const {
  const auto nodes = get_nodes();
  const auto found = std::ranges::find_if(nodes, [&](const NodeDesc& node) { return id_of(node) == id; });
  return found == nodes.end() ? nullptr : &*found;
}

std::optional<NodeHandle> Image::handle_of(std::uint32_t node) const {
  const std::uint32_t handle = handle_of_[node];
  if (handle >= place_of_.size()) return std::nullopt;
  return NodeHandle(handle);
}

std::uint32_t Image::cell_of(std::uint32_t output) const {
  const NodeDesc& node = nodes_[outputs_[output].node.value()];
  return out_cell_[place_of(node.handle)] + output - node.first_output;
}

Wiring Image::wiring() const {
  return {in_first_.data(), drivers_.data(), out_cell_.data(), extra_.data(), extras_.data(), settings_.data()};
}

ImageBytes Image::bytes() const {
  std::size_t text_bytes = 0;
  for (const FlatGraph::Constant& constant : constants_)
    if (const auto* text = std::get_if<Text>(&constant.value)) text_bytes += text->view().size();
  return {.structure = size_of(handle_of_) + size_of(place_of_) + size_of(overloads_) + size_of(in_first_) +
                       size_of(drivers_) + size_of(out_cell_) + size_of(extra_) + size_of(extras_) +
                       size_of(settings_) + size_of(owned_settings_) + size_of(first_reader_) + size_of(readers_) +
                       size_of(run_first_) + size_of(cycles_) + size_of(stateful_) + size_of(constants_) +
                       size_of(initials_) + text_bytes,
          .names = names_.bytes().size() + size_of(nodes_) + size_of(inputs_) + size_of(outputs_)};
}

std::uint32_t Image::state_words(std::uint32_t node) const {
  const Kernel& of = kernel(node);
  if (of.slots == nullptr) return of.state_words;
  return of.state_words + of.slots(settings_[extras_[extra_[node]].settings]);
}

Cells Image::make_cells() const {
  Cells cells;
  cells.values.resize(output_count() + constants_.size());
  cells.marks.resize(cells.values.size());
  for (std::uint32_t node = 0; node < node_count(); ++node) {
    const std::vector<PortType>& outputs = kernel(node).outputs;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      const std::uint32_t cell = out_cell_[node] + i;
      begin_cell(cells, cell, outputs[i].type);
      if (outputs[i].port_class != PortClass::kEvent) continue;
      cells.marks[cell] = kEvent;
      cells.events[cell];
    }
  }
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    begin_cell(cells, output_count() + i, constants_[i].type);
    set_cell(cells, output_count() + i, constants_[i].value);
  }
  for (const auto& [cell, value] : initials_) set_cell(cells, cell, value);
  cells.state.resize(state_words_);
  cells.text_state.resize(text_states_);
  for (const std::uint32_t node : stateful_) {
    // Its id, not its number: a node keeps its random numbers when another one is put in front of it.
    const std::uint64_t seed = hash64(names_.at(nodes_[handle_of_[node]].id), options_.seed);
    kernel(node).begin(cells.state.data() + extras_[extra_[node]].state, seed);
  }
  return cells;
}

}  // namespace yard::graph
