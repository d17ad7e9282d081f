// Loading a graph beside the least that it takes: one pass of simdjson to handles, edges and an order.
#include <simdjson.h>

#include <chrono>

#include "engine/base/check.h"
#include "engine/graph/load.h"
#include "engine/graph/name_table.h"
#include "engine/kinds/standard.h"
#include "tests/bench/road_bench.h"
#include "tests/support/graph_text.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;
namespace ondemand = simdjson::ondemand;

constexpr std::uint32_t kNodes = 100'000;
constexpr std::uint32_t kReach = 1'000;
constexpr std::size_t kRoom = 64;  // behind the text, so that neither has to copy it

double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

std::string text_with_room(const std::string& text) {
  std::string json;
  json.reserve(text.size() + kRoom);
  json += text;
  return json;
}

double load_ms(const std::string& text, const std::shared_ptr<const graph::Kinds>& kinds) {
  std::string json = text_with_room(text);
  const auto began = Clock::now();
  const auto image = graph::load_graph(std::move(json), kinds);
  YARD_CHECK(image && (*image)->get_nodes().size() == kNodes);
  return ms_since(began);
}

// What the bare loop keeps of a document; it trusts it.
struct Handles {
  struct Port {
    std::string_view id;
    std::string_view type;
  };
  graph::NameTable nodes{kNodes};
  std::vector<std::string_view> types;
  std::vector<std::uint32_t> first_input;
  std::vector<std::uint32_t> first_output;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<std::string_view> parameters;
  std::vector<std::uint32_t> driver;
};

void read_ports(ondemand::array array, std::vector<Handles::Port>& ports) {
  for (auto element : array) {
    auto object = element.get_object();
    Handles::Port port;
    YARD_CHECK(!object["id"].get_string().get(port.id) && !object["type"].get_string().get(port.type));
    ports.push_back(port);
  }
}

void read_nodes(ondemand::array array, Handles& handles) {
  for (auto element : array) {
    auto node = element.get_object();
    std::string_view text;
    YARD_CHECK(!node["id"].get_string().get(text));
    handles.nodes.add(text);
    YARD_CHECK(!node["type"].get_string().get(text));
    handles.types.push_back(text);
    handles.first_input.push_back(static_cast<std::uint32_t>(handles.inputs.size()));
    handles.first_output.push_back(static_cast<std::uint32_t>(handles.outputs.size()));
    read_ports(node["inputs"].get_array(), handles.inputs);
    read_ports(node["outputs"].get_array(), handles.outputs);
    for (auto field : node["parameters"].get_object()) handles.parameters.push_back(field.value().raw_json_token());
  }
  handles.first_input.push_back(static_cast<std::uint32_t>(handles.inputs.size()));
  handles.first_output.push_back(static_cast<std::uint32_t>(handles.outputs.size()));
}

std::uint32_t find_port(const std::vector<Handles::Port>& ports, std::uint32_t at, std::string_view id) {
  while (ports[at].id != id) ++at;
  return at;
}

void read_connections(ondemand::array array, Handles& handles) {
  handles.driver.assign(handles.inputs.size(), UINT32_MAX);
  for (auto element : array) {
    auto row = element.get_object();
    std::string_view from_node;
    std::string_view from_port;
    std::string_view to_node;
    std::string_view to_port;
    YARD_CHECK(!row["fromNode"].get_string().get(from_node) && !row["fromPort"].get_string().get(from_port) &&
               !row["toNode"].get_string().get(to_node) && !row["toPort"].get_string().get(to_port));
    const std::uint32_t from = handles.nodes.find(from_node);
    find_port(handles.outputs, handles.first_output[from], from_port);
    handles.driver[find_port(handles.inputs, handles.first_input[handles.nodes.find(to_node)], to_port)] = from;
  }
}

std::size_t order(const Handles& handles) {
  const std::size_t count = handles.types.size();
  std::vector<std::uint32_t> first(count + 2);
  std::vector<std::uint32_t> readers(handles.driver.size());
  std::vector<std::uint32_t> waits(count);
  for (const std::uint32_t from : handles.driver) ++first[from + std::size_t{2}];
  for (std::size_t i = 2; i < first.size(); ++i) first[i] += first[i - 1];
  for (std::uint32_t node = 0; node < count; ++node) {
    for (std::uint32_t i = handles.first_input[node]; i < handles.first_input[node + std::size_t{1}];
         ++i, ++waits[node])
      readers[first[handles.driver[i] + std::size_t{1}]++] = node;
  }
  std::vector<std::uint32_t> ready;
  ready.reserve(count);
  for (std::uint32_t node = 0; node < count; ++node)
    if (waits[node] == 0) ready.push_back(node);
  for (std::size_t at = 0; at < ready.size(); ++at)
    for (std::uint32_t i = first[ready[at]]; i < first[ready[at] + std::size_t{1}]; ++i)
      if (--waits[readers[i]] == 0) ready.push_back(readers[i]);
  return ready.size();
}

// Takes the text and lets go of everything, as loading does.
void read_bare(const std::string json) {
  ondemand::parser parser;
  Handles handles;
  ondemand::document document;
  YARD_CHECK(!parser.iterate(simdjson::padded_string_view(json.data(), json.size(), json.capacity())).get(document));
  read_nodes(document["nodes"].get_array(), handles);
  read_connections(document["connections"].get_array(), handles);
  YARD_CHECK(order(handles) == kNodes);
}

double bare_ms(const std::string& text) {
  std::string json = text_with_room(text);
  const auto began = Clock::now();
  read_bare(std::move(json));
  return ms_since(began);
}

}  // namespace

std::vector<Comparison> graph_comparisons() {
  const auto text = std::make_shared<std::string>();
  const auto text_of = [text]() -> const std::string& {
    if (text->empty()) *text = layered_graph(kNodes, kReach, 1);
    return *text;
  };
  const auto kinds = graph::standard_kinds();
  return {{.name = "graph load 100000",
           .reference_name = "simdjson to handles, edges and order",
           .unit = "ms",
           .reach_for = 1.3,
           .smaller_is_better = true,
           .ours = [text_of, kinds] { return load_ms(text_of(), kinds); },
           .reference = [text_of] { return bare_ms(text_of()); }}};
}

}  // namespace yard::bench
