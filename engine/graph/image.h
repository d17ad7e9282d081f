// A graph, ready to be run: immutable, of flat arrays, with a hash of its content.
//
// Two orders live in it. Handles count nodes and ports as the document has them; hosts and schemas speak of those.
// Inside, nodes are numbered in the order in which they run and lie in memory (order.h), and there may be a few more of
// them, which convert types. `place_of` and `handle_of` lead from one to the other.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/hash.h"
#include "engine/graph/flat_graph.h"
#include "engine/graph/frame.h"

namespace yard::graph {

// Nodes [first, first + count), in internal order, of one overload and with as many inputs each.
struct KernelRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint16_t overload = 0;
};

// Nodes that are in a cycle with each other.
struct CycleRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// What an image takes, in bytes.
struct ImageBytes {
  std::size_t structure = 0;  // what is needed to run it
  std::size_t names = 0;      // descriptors and ids
};

// Threads: any; nothing changes.
class Image {
 public:
  // ---- as the document has it

  // Nodes by handle; inputs and outputs by handle, each for itself.
  [[nodiscard]] std::span<const NodeDesc> get_nodes() const { return {nodes_.data(), nodes_.size() - 1}; }
  [[nodiscard]] std::span<const PortDesc> get_input_ports() const { return inputs_; }
  [[nodiscard]] std::span<const PortDesc> get_output_ports() const { return outputs_; }
  [[nodiscard]] std::span<const PortDesc> inputs_of(const NodeDesc& node) const;
  [[nodiscard]] std::span<const PortDesc> outputs_of(const NodeDesc& node) const;
  // The place in get_output_ports() of what drives an input; nothing: a constant does.
  [[nodiscard]] std::optional<std::uint32_t> driver_of(std::uint32_t input) const;

  template <typename Desc>
  [[nodiscard]] std::string_view id_of(const Desc& desc) const {
    return names_.at(desc.id);
  }
  [[nodiscard]] const Kind& kind_of(const NodeDesc& node) const { return *kind_of_overload_[node.overload]; }
  [[nodiscard]] const Kind& kind_of_overload(std::uint16_t id) const { return *kind_of_overload_[id]; }
  // nullptr: there is no such node. Takes a look at each: for people and tests; hosts keep handles.
  [[nodiscard]] const NodeDesc* find_node(std::string_view id) const;

  [[nodiscard]] const Options& options() const { return options_; }
  // Of what the document means: not of its layout, nor of the order of its connections.
  [[nodiscard]] const Hash128& hash() const { return hash_; }
  [[nodiscard]] ImageBytes bytes() const;

  // ---- as it is run

  [[nodiscard]] std::uint32_t node_count() const { return static_cast<std::uint32_t>(overloads_.size()); }
  [[nodiscard]] std::uint32_t output_count() const { return static_cast<std::uint32_t>(first_reader_.size() - 1); }
  [[nodiscard]] Wiring wiring() const;
  [[nodiscard]] const Kernel& kernel(std::uint32_t node) const { return kinds_->overload(overloads_[node]).kernel; }
  [[nodiscard]] const Kind& kind_of_place(std::uint32_t node) const { return *kind_of_overload_[overloads_[node]]; }
  // All nodes, by runs.
  [[nodiscard]] std::uint32_t run_count() const { return static_cast<std::uint32_t>(run_first_.size() - 1); }
  [[nodiscard]] KernelRun run(std::uint32_t at) const {
    const std::uint32_t first = run_first_[at];
    return {first, run_first_[at + std::size_t{1}] - first, overloads_[first]};
  }
  [[nodiscard]] std::span<const CycleRange> cycles() const { return cycles_; }
  // The node that an output's cell belongs to. A search: not for where it is hot.
  [[nodiscard]] std::uint32_t node_of(std::uint32_t cell) const;
  // The nodes that read an output's cell, rising; one that reads it twice stands there twice.
  [[nodiscard]] std::span<const std::uint32_t> readers(std::uint32_t cell) const {
    return {readers_.data() + first_reader_[cell], readers_.data() + first_reader_[cell + std::size_t{1}]};
  }
  // Rows of `readers` by cell, as pointers for where it is hot.
  [[nodiscard]] const std::uint32_t* first_reader() const { return first_reader_.data(); }
  [[nodiscard]] const std::uint32_t* all_readers() const { return readers_.data(); }
  [[nodiscard]] const std::uint16_t* overloads() const { return overloads_.data(); }
  // How many words of Cells::state, from NodeExtra::state on, are the node's.
  [[nodiscard]] std::uint32_t state_words(std::uint32_t node) const;
  // Cells as they are before anything has run: constants and what sources begin as; nothing is marked as changed.
  [[nodiscard]] Cells make_cells() const;

  // ---- from one to the other

  [[nodiscard]] std::uint32_t place_of(NodeHandle node) const { return place_of_[node.value()]; }
  // Nothing: a node that the document does not know of.
  [[nodiscard]] std::optional<NodeHandle> handle_of(std::uint32_t node) const;
  // The cell of output `output` of get_output_ports(). Resolve once, and keep it.
  [[nodiscard]] std::uint32_t cell_of(std::uint32_t output) const;
  [[nodiscard]] const std::shared_ptr<const Kinds>& kinds() const { return kinds_; }

 private:
  friend class ImageBuilder;
  Image() = default;

  std::shared_ptr<const Kinds> kinds_;  // shared with other images of the same kinds
  Options options_;
  Hash128 hash_;

  Names names_;
  std::vector<NodeDesc> nodes_;
  std::vector<PortDesc> inputs_;
  std::vector<PortDesc> outputs_;
  std::vector<const Kind*> kind_of_overload_;

  std::vector<std::uint32_t> handle_of_;  // by place
  std::vector<std::uint32_t> place_of_;   // by handle
  std::vector<std::uint16_t> overloads_;
  std::vector<std::uint32_t> in_first_;
  std::vector<std::uint32_t> drivers_;
  std::vector<std::uint32_t> out_cell_;
  std::vector<std::uint32_t> extra_;
  std::vector<NodeExtra> extras_;
  std::vector<const void*> settings_;
  std::vector<std::shared_ptr<const void>> owned_settings_;
  std::vector<std::uint32_t> first_reader_;  // by output cell
  std::vector<std::uint32_t> readers_;
  std::vector<std::uint32_t> run_first_;
  std::vector<CycleRange> cycles_;
  std::vector<std::uint32_t> stateful_;  // nodes whose state begins as something else than zeros
  std::vector<FlatGraph::Constant> constants_;
  std::vector<std::pair<std::uint32_t, ParameterValue>> initials_;  // by cell
  std::uint32_t state_words_ = 0;
  std::uint32_t text_states_ = 0;
};

}  // namespace yard::graph
