#include "engine/graph/image_builder.h"

#include <xxhash.h>

#include <algorithm>
#include <unordered_map>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/graph/components.h"
#include "engine/graph/convert.h"
#include "engine/graph/limits.h"
#include "engine/graph/pointer.h"
#include "engine/graph/value.h"

namespace yard::graph {
namespace {

bool is_constant(std::uint32_t driver) { return (driver & FlatGraph::kConstant) != 0; }

}  // namespace

ImageBuilder::ImageBuilder(FlatGraph& graph, std::shared_ptr<const Kinds> kinds)
    : graph_(graph),
      public_nodes_(graph.node_count()),
      public_outputs_(static_cast<std::uint32_t>(graph.outputs.size())),
      drivers_(graph.drivers) {
  image_.kinds_ = std::move(kinds);
  overloads_.reserve(public_nodes_);
  in_first_.reserve(public_nodes_ + std::size_t{1});
  for (std::uint32_t node = 0; node < public_nodes_; ++node) {
    overloads_.push_back(graph.nodes[node].overload);
    in_first_.push_back(graph.nodes[node].first_input);
  }
  in_first_.push_back(static_cast<std::uint32_t>(graph.inputs.size()));
  add_conversions();
}

void ImageBuilder::add_conversions() {
  const Kind& convert = *image_.kinds_->find("Convert");
  std::unordered_map<std::uint64_t, std::uint32_t> known;  // output and overload to the converted output
  for (std::size_t input = 0; input < graph_.inputs.size(); ++input) {
    const std::uint32_t driver = drivers_[input];
    if (is_constant(driver)) continue;
    const PortDesc& to = graph_.inputs[input];
    const PortDesc& from = graph_.outputs[driver];
    if (from.type == to.type) continue;
    const Overload* overload = find_conversion(convert, {from.type, from.port_class}, {to.type, to.port_class});
    const auto [found, is_new] = known.try_emplace(std::uint64_t{driver} << 16 | overload->id, 0);
    if (is_new) found->second = conversion(driver, *overload);
    drivers_[input] = found->second;
  }
  for (const std::uint32_t output : converted_) {
    drivers_.push_back(output);
    in_first_.push_back(static_cast<std::uint32_t>(drivers_.size()));
  }
}

std::uint32_t ImageBuilder::conversion(std::uint32_t output, const Overload& overload) {
  overloads_.push_back(overload.id);
  converted_.push_back(output);
  return public_outputs_ + static_cast<std::uint32_t>(converted_.size()) - 1;
}

std::uint32_t ImageBuilder::node_of(std::uint32_t output) const {
  return output < public_outputs_ ? graph_.outputs[output].node.value() : public_nodes_ + output - public_outputs_;
}
std::uint32_t ImageBuilder::inputs_of(std::uint32_t node) const {
  return in_first_[node + std::size_t{1}] - in_first_[node];
}

void ImageBuilder::order(Problems& problems) {
  std::vector<std::uint32_t> driver_nodes(drivers_.size());
  for (std::size_t i = 0; i < drivers_.size(); ++i)
    driver_nodes[i] = is_constant(drivers_[i]) ? OrderInput::kNoDriver : node_of(drivers_[i]);
  order_ = find_order({in_first_, driver_nodes, overloads_}, graph_.options.iterates_cycles);
  for (const auto& path : order_.cycles) report_cycle(path, problems);
  for (const auto& [first, end] : order_.loops)
    for (std::uint32_t place = first; place < end; ++place) check_events(order_.nodes[place], problems);
  check_state(problems);
}

// Each iteration would take the same events again.
void ImageBuilder::check_events(std::uint32_t node, Problems& problems) const {
  const Kernel& kernel = image_.kinds_->overload(overloads_[node]).kernel;
  const auto is_event = [](const PortType& port) { return port.port_class == PortClass::kEvent; };
  if (node >= public_nodes_ || std::ranges::none_of(kernel.inputs, is_event)) return;
  problems.push_back({ProblemCode::kCycle, graph_.pointer_of(node),
                      "takes events, and so cannot be in a cycle: each iteration would count them again",
                      graph_.places[node]});
}

void ImageBuilder::check_state(Problems& problems) const {
  std::size_t words = 0;
  for (std::uint32_t node = 0; node < public_nodes_; ++node)
    words += image_.kinds_->overload(overloads_[node]).kernel.state_words;
  for (const auto& [node, settings] : graph_.settings)
    if (const auto slots = image_.kinds_->overload(overloads_[node]).kernel.slots) words += slots(settings.get());
  if (words > kStateWordsMax)
    problems.push_back({ProblemCode::kTooLarge, "/nodes",
                        "the nodes' state takes more than " + std::to_string(kStateWordsMax * 8 >> 20) + " MiB"});
}

void ImageBuilder::report_cycle(const std::vector<std::uint32_t>& path, Problems& problems) const {
  std::string list;
  for (const std::uint32_t node : path)
    if (node < public_nodes_) list += printable(graph_.names.at(graph_.nodes[node].id), kIdBytesMax) + " -> ";
  list += printable(graph_.names.at(graph_.nodes[path.front()].id), kIdBytesMax);
  problems.push_back({ProblemCode::kCycle, graph_.pointer_of(path.front()),
                      "a cycle: " + list + "; option cycles: iterate allows it", graph_.places[path.front()]});
}

Image ImageBuilder::build() {
  image_.options_ = graph_.options;
  image_.hash_ = hash();
  place_nodes();
  place_cells();
  wire();
  find_readers();
  find_runs();
  place_extras();
  take_values();
  image_.names_ = std::move(graph_.names);
  image_.nodes_ = std::move(graph_.nodes);
  image_.inputs_ = std::move(graph_.inputs);
  image_.outputs_ = std::move(graph_.outputs);
  for (const Kind& kind : image_.kinds_->all())
    image_.kind_of_overload_.insert(image_.kind_of_overload_.end(), kind.overloads.size(), &kind);
  return std::move(image_);
}

void ImageBuilder::place_nodes() {
  image_.handle_of_ = std::move(order_.nodes);
  image_.place_of_.resize(public_nodes_);
  image_.overloads_.reserve(image_.handle_of_.size());
  for (std::uint32_t place = 0; place < image_.handle_of_.size(); ++place) {
    const std::uint32_t node = image_.handle_of_[place];
    image_.overloads_.push_back(overloads_[node]);
    if (node < public_nodes_) image_.place_of_[node] = place;
  }
  for (const auto& [first, end] : order_.loops) image_.cycles_.push_back({first, end - first});
}

void ImageBuilder::place_cells() {
  cell_of_.resize(public_outputs_ + converted_.size());
  std::uint32_t cell = 0;
  for (const std::uint32_t node : image_.handle_of_) {
    image_.out_cell_.push_back(cell);
    if (node >= public_nodes_) {
      cell_of_[public_outputs_ + node - public_nodes_] = cell++;
      continue;
    }
    const std::uint32_t end = graph_.nodes[node + std::size_t{1}].first_output;
    for (std::uint32_t output = graph_.nodes[node].first_output; output < end; ++output) cell_of_[output] = cell++;
  }
  image_.out_cell_.push_back(cell);
}

void ImageBuilder::wire() {
  const std::uint32_t outputs = image_.out_cell_.back();
  image_.in_first_.reserve(image_.handle_of_.size() + 1);
  image_.drivers_.reserve(drivers_.size());
  for (const std::uint32_t node : image_.handle_of_) {
    image_.in_first_.push_back(static_cast<std::uint32_t>(image_.drivers_.size()));
    for (std::uint32_t i = in_first_[node]; i < in_first_[node + std::size_t{1}]; ++i) {
      const std::uint32_t driver = drivers_[i];
      image_.drivers_.push_back(is_constant(driver) ? outputs + (driver & ~FlatGraph::kConstant) : cell_of_[driver]);
    }
  }
  image_.in_first_.push_back(static_cast<std::uint32_t>(image_.drivers_.size()));
}

void ImageBuilder::find_readers() {
  const std::uint32_t outputs = image_.out_cell_.back();
  std::vector<std::uint32_t> keys(image_.drivers_);
  for (std::uint32_t& key : keys)
    if (key >= outputs) key = UINT32_MAX;
  Rows grouped = group_by(keys, outputs, UINT32_MAX);
  std::vector<std::uint32_t>& reader_of = keys;
  for (std::uint32_t place = 0; place < image_.handle_of_.size(); ++place)
    for (std::uint32_t i = image_.in_first_[place]; i < image_.in_first_[place + std::size_t{1}]; ++i)
      reader_of[i] = place;
  for (std::uint32_t& item : grouped.items) item = reader_of[item];
  image_.first_reader_ = std::move(grouped.first);
  image_.readers_ = std::move(grouped.items);
}

void ImageBuilder::find_runs() {
  const auto differs = [&](std::uint32_t place) {
    return image_.overloads_[place] != image_.overloads_[place - 1] ||
           inputs_of(image_.handle_of_[place]) != inputs_of(image_.handle_of_[place - 1]);
  };
  const auto count = static_cast<std::uint32_t>(image_.handle_of_.size());
  for (std::uint32_t place = 0; place < count; ++place)
    if (place == 0 || differs(place)) image_.run_first_.push_back(place);
  image_.run_first_.push_back(count);
  image_.run_first_.shrink_to_fit();
}

// State lies in running order, too. Nodes without any share one entry, so that `extra` costs nothing where nobody has.
void ImageBuilder::place_extras() {
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> setting_of(overloads_.size(), kNone);
  for (auto& [node, settings] : graph_.settings) {
    setting_of[node] = static_cast<std::uint32_t>(image_.settings_.size());
    image_.settings_.push_back(settings.get());
    image_.owned_settings_.push_back(std::move(settings));
  }
  image_.extras_.push_back({});
  image_.extra_.resize(image_.handle_of_.size());
  for (std::uint32_t place = 0; place < image_.handle_of_.size(); ++place) {
    const Kernel& kernel = image_.kernel(place);
    const std::uint32_t setting = setting_of[image_.handle_of_[place]];
    if (kernel.state_words == 0 && !kernel.text_state && setting == kNone) continue;
    const NodeExtra extra{kernel.text_state ? image_.text_states_ : image_.state_words_,
                          setting == kNone ? 0 : setting};
    if (kernel.text_state) ++image_.text_states_;
    image_.state_words_ += kernel.state_words;
    if (kernel.slots != nullptr) image_.state_words_ += kernel.slots(image_.settings_[extra.settings]);
    if (kernel.begin != nullptr) image_.stateful_.push_back(place);
    image_.extra_[place] = static_cast<std::uint32_t>(image_.extras_.size());
    image_.extras_.push_back(extra);
  }
}

void ImageBuilder::take_values() {
  image_.constants_ = std::move(graph_.constants);
  for (auto& [output, value] : graph_.initials) image_.initials_.emplace_back(cell_of_[output], std::move(value));
}

Hash128 ImageBuilder::hash() const {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
  YARD_CHECK(state != nullptr && XXH3_128bits_reset(state.get()) == XXH_OK);
  const auto add = [&](const void* data, std::size_t size) { XXH3_128bits_update(state.get(), data, size); };
  const auto add_number = [&](std::uint64_t number) { add(&number, sizeof number); };
  const auto add_text = [&](std::string_view text) {
    add_number(text.size());
    add(text.data(), text.size());
  };
  // An overload's number depends on what else is registered; what it is does not.
  std::unordered_map<std::uint16_t, std::uint64_t> known;
  for (const Kind& kind : image_.kinds_->all())
    for (std::size_t i = 0; i < kind.overloads.size(); ++i) known.emplace(kind.overloads[i].id, hash64(kind.name, i));
  add_number(graph_.options.iterates_cycles);
  add_number(graph_.options.is_pull);
  add_number(graph_.options.seed);
  add_number(graph_.options.lanes);
  add_text(graph_.names.bytes());
  for (std::uint32_t node = 0; node < public_nodes_; ++node) {
    const NodeDesc& desc = graph_.nodes[node];
    const std::uint64_t row[] = {known.at(desc.overload), std::uint64_t{desc.first_input} << 32 | desc.first_output,
                                 desc.id};
    add(row, sizeof row);
  }
  for (const PortDesc& port : graph_.inputs)
    add_number(std::uint64_t{port.id} << 8 | static_cast<std::uint64_t>(port.type));
  for (const PortDesc& port : graph_.outputs)
    add_number(std::uint64_t{port.id} << 8 | static_cast<std::uint64_t>(port.type));
  add(graph_.drivers.data(), graph_.drivers.size() * sizeof graph_.drivers[0]);
  const auto add_value = [&](const ParameterValue& value) {
    add_number(value.index());
    if (const auto* text = std::get_if<Text>(&value))
      add_text(text->view());
    else
      add_number(to_cell(value).bits());
  };
  for (const FlatGraph::Constant& constant : graph_.constants) add_value(constant.value);
  for (const auto& [output, value] : graph_.initials) {
    add_number(output);
    add_value(value);
  }
  add_number(graph_.settings_hash);
  const XXH128_hash_t digest = XXH3_128bits_digest(state.get());
  return {digest.high64, digest.low64};
}

}  // namespace yard::graph
