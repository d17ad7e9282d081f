// The least that runs a graph: one sweep over all runs a wave, and a clock that is set by hand.
#pragma once

#include <map>
#include <optional>

#include "tests/engine/graph/support.h"

namespace yard::graph::testing {

class Rig : private Host {
 public:
  explicit Rig(const std::string& json) : image_(load(json)), cells_(image_->make_cells()) {
    for (Mark& mark : cells_.marks) mark |= kChanged;  // at first everything runs
    for (std::uint32_t node = 0; node < image_->node_count(); ++node)
      if (image_->kernel(node).run_one != nullptr && image_->kernel(node).inputs.empty()) wakes_[node] = 0;
    wave();
  }

  // Sets a source, or any output.
  template <typename T>
  void put(std::string_view node, T value) {
    if constexpr (std::is_same_v<T, Text>)
      cells_.put(cell(node), std::move(value));
    else
      cells_.put(cell(node), Cell(value));
  }
  void put_fault(std::string_view node, Fault fault) { cells_.put(cell(node), std::move(fault)); }

  // Returns how many nodes ran.
  std::uint32_t wave() {
    const Frame frame{image_->wiring(), cells_, *this, now_ns_};
    std::uint32_t ran = 0;
    for (std::uint32_t i = 0; i < image_->run_count(); ++i) {
      const KernelRun run = image_->run(i);
      const Kernel& kernel = image_->kernel(run.first);
      if (kernel.run_one == nullptr) continue;
      for (std::uint32_t node = run.first; node < run.first + run.count; ++node) {
        const auto due = wakes_.find(node);
        if (due == wakes_.end() || due->second > now_ns_) continue;
        wakes_.erase(due);
        kernel.run_one(frame, node);
      }
      ran += kernel.run_many(frame, run.first, run.count);
    }
    cells_.settle();
    return ran;
  }
  void advance(std::int64_t ms) {
    now_ns_ += ms * 1'000'000;
    wave();
  }

  template <typename T>
  [[nodiscard]] T get(std::string_view node, std::uint32_t output = 0) const {
    return cells_.values[cell(node) + output].get<T>();
  }
  [[nodiscard]] std::string text(std::string_view node) const {
    return std::string(cells_.texts[cells_.values[cell(node)].bits()].view());
  }
  [[nodiscard]] std::optional<Fault> fault(std::string_view node) const {
    if ((cells_.marks[cell(node)] & kFaulty) == 0) return std::nullopt;
    return cells_.faults.at(cell(node));
  }
  [[nodiscard]] const std::vector<std::string>& effects() const { return effects_; }
  [[nodiscard]] const Image& image() const { return *image_; }
  [[nodiscard]] std::optional<std::int64_t> next_wake_ms() const {
    std::optional<std::int64_t> first;
    for (const auto& [node, at] : wakes_) first = std::min(first.value_or(at), at);
    return first ? std::optional(*first / 1'000'000) : std::nullopt;
  }

 private:
  void wake(std::uint32_t node, std::int64_t at_ns) override { wakes_[node] = at_ns; }
  void effect(std::uint32_t, std::string_view channel, DataType type, Cell value) override {
    effects_.push_back(
        std::string(channel) + " " +
        (is_scalar(type) ? std::to_string(value.get<std::int64_t>()) : std::string(cells_.texts[value.bits()].view())));
  }
  void breach(std::uint32_t, std::string_view message, bool roll_back) override {
    effects_.push_back((roll_back ? "back: " : "breach: ") + std::string(message));
  }
  [[nodiscard]] std::uint32_t cell(std::string_view node) const {
    return image_->cell_of(image_->find_node(node)->first_output);
  }

  std::shared_ptr<const Image> image_;
  Cells cells_;
  std::map<std::uint32_t, std::int64_t> wakes_;
  std::vector<std::string> effects_;
  std::int64_t now_ns_ = 0;
};

// A node of `kind` called n, and a source for each of its inputs, called as the input is. `declared` are the node's
// members behind its type, each with a comma in front.
inline std::string one_node(const std::string& kind, const std::vector<std::pair<std::string, std::string>>& inputs,
                            const std::string& declared) {
  std::string nodes;
  std::string connections;
  for (const auto& [name, type] : inputs) {
    nodes += R"({"id": ")" + name + R"(", "type": "Value", "outputs": [{"id": "out", "type": ")" + type + "\"}]}, ";
    connections += (connections.empty() ? "" : ", ") + std::string(R"({"fromNode": ")") + name +
                   R"(", "fromPort": "out", "toNode": "n", "toPort": ")" + name + "\"}";
  }
  return R"({"nodes": [)" + nodes + R"({"id": "n", "type": ")" + kind + "\"" + declared + R"(}], "connections": [)" +
         connections + "]}";
}
inline std::string out(const std::string& type) { return R"(, "outputs": [{"id": "out", "type": ")" + type + "\"}]"; }
inline std::string with(const std::string& parameters) { return R"(, "parameters": {)" + parameters + "}"; }

}  // namespace yard::graph::testing
