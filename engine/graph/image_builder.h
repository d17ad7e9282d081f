// From a flat graph to its image.
#pragma once

#include "engine/graph/image.h"
#include "engine/graph/order.h"

namespace yard::graph {

class ImageBuilder {
 public:
  // `graph` must outlive the builder.
  ImageBuilder(FlatGraph& graph, std::shared_ptr<const Kinds> kinds);

  // Appends a problem for each cycle that the graph's options refuse, and one for too much state.
  void order(Problems& problems);

  // After order(), without problems. Takes the graph apart.
  [[nodiscard]] Image build();

 private:
  void add_conversions();
  [[nodiscard]] std::uint32_t conversion(std::uint32_t output, const Overload& overload);
  void check_events(std::uint32_t node, Problems& problems) const;
  void check_state(Problems& problems) const;
  void report_cycle(const std::vector<std::uint32_t>& path, Problems& problems) const;
  [[nodiscard]] std::uint32_t node_of(std::uint32_t output) const;
  [[nodiscard]] std::uint32_t inputs_of(std::uint32_t node) const;

  void place_nodes();
  void place_cells();
  void wire();
  void find_readers();
  void find_runs();
  void place_extras();
  void take_values();
  [[nodiscard]] Hash128 hash() const;

  FlatGraph& graph_;
  std::uint32_t public_nodes_;
  std::uint32_t public_outputs_;
  // Nodes that convert stand behind the public ones, each with one input and one output.
  std::vector<std::uint16_t> overloads_;  // by node, hidden ones behind
  std::vector<std::uint32_t> converted_;  // by hidden node: the output that it reads
  std::vector<std::uint32_t> drivers_;    // by input, hidden ones behind: as in FlatGraph, through conversions
  std::vector<std::uint32_t> in_first_;   // by node
  std::vector<std::uint32_t> cell_of_;    // by output, hidden ones behind
  Order order_;
  Image image_;
};

}  // namespace yard::graph
