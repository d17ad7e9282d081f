// A kind of node: what a document may ask for, and the kernels behind it. Kinds: all of them, by name.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/graph/kernel.h"

namespace yard::graph {

// An input of a kind. What is not connected has the value of the parameter of its name, or else this one.
struct InputSpec {
  std::string name;
  std::string fallback = {};  // JSON; empty: false, 0, the empty text, null
};

// A parameter that is no input.
struct ParameterSpec {
  std::string name;
  DataType type = DataType::kDouble;
  std::optional<std::string> fallback = {};  // JSON, as an input's; none: a document has to say it
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool as_output = false;  // has the type of the node's first output instead of `type`
};

// One way in which a kind can be typed; the types are those that the kernel's function takes and returns.
struct Overload {
  Kernel kernel;
  std::uint16_t id = 0;  // place in Kinds::overload(); Kinds gives it
};

template <typename F, auto kMake = nullptr>
Overload overload() {
  return {make_kernel<F, kMake>()};
}

// A node without a kernel, whose one output is set from outside. A source's outputs begin as its parameter `value`.
Overload source(PortType output);

struct Kind {
  std::string name;     // PascalCase, as in documents
  std::string summary;  // a sentence for people
  NodeRole role = NodeRole::kCompute;
  std::vector<InputSpec> inputs;  // of a variadic kind: the fixed ones, then those it has if a document names none
  std::vector<std::string> outputs;
  std::vector<ParameterSpec> parameters;
  std::vector<Overload> overloads;  // told apart by the ports' types that a document declares
  bool free_names = false;          // documents may call the ports what they like; their order counts
  std::uint32_t cost_us = 0;        // how long a run takes, about, where that is long: slow cycles yield
};

// Threads: add() before sharing; then any.
class Kinds {
 public:
  Kinds();                       // with convert_kind()
  Kinds(const Kinds&) = delete;  // images keep pointers to what is in here
  Kinds& operator=(const Kinds&) = delete;

  // Errors: kConflict for a name that is taken, kInvalidArguments for ports that no overload's kernel has, parameters
  //         that are called as an input, more than 64 overloads, or more than kOverloadsMax in all.
  Status add(Kind kind);

  // nullptr: unknown. Kinds don't move.
  [[nodiscard]] const Kind* find(std::string_view name) const;
  [[nodiscard]] const std::deque<Kind>& all() const { return kinds_; }
  [[nodiscard]] const Overload& overload(std::uint16_t id) const { return *overloads_[id]; }

  [[nodiscard]] std::span<const Overload* const> overloads() const { return overloads_; }

  static constexpr std::size_t kOverloadsMax = 65'535;  // images name an overload in 16 bits; the last is for none

 private:
  std::deque<Kind> kinds_;
  std::unordered_map<std::string_view, const Kind*> by_name_;
  std::vector<const Overload*> overloads_;
};

}  // namespace yard::graph
