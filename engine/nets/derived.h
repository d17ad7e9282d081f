// Values that are derived from a net: how many agents of a type there are, what is at a free wire.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/graph/settings.h"
#include "engine/nets/spec.h"
#include "engine/nets/state.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

using Value = graph::ParameterValue;

// name(argument, …), as derived values and a node's inputs are written. No name: it is something else.
struct Call {
  std::string name;
  std::vector<std::string> arguments;
};
[[nodiscard]] Call parse_call(std::string_view text);

// One of
//
//   count(Symbol)          agents of a type
//   value(wire)            the value of the agent whose principal port is at a free wire
//   number(wire, S, Z)     how many S stand one within the other at a free wire, with Z in the last
//
// Nothing where the net has no such value, or not yet.
class Derived {
 public:
  // Errors: kInvalidArguments for another formula, kNotFound for types and wires that the state doesn't have.
  [[nodiscard]] static Result<Derived> make(const DerivedSpec& spec, const State& state);

  // Computes it anew if what it reads has changed since.
  void refresh(const State& state, const TextPool& texts);
  // The state was exchanged for another.
  void forget() { stamp_.reset(); }

  [[nodiscard]] const DerivedSpec& spec() const { return spec_; }
  [[nodiscard]] const std::optional<Value>& value() const { return value_; }
  [[nodiscard]] std::uint64_t computed() const { return computed_; }  // how often

 private:
  enum class Kind : std::uint8_t { kCount, kValue, kNumber };
  // What it read.
  struct Stamp {
    std::uint64_t changes = 0;
    Wire wire = kNowhere;
    std::uint32_t header = 0;
    graph::Cell cell = {};
    bool operator==(const Stamp&) const = default;
  };

  [[nodiscard]] Stamp read(const State& state) const;
  void count(const State& state);
  void fetch(const State& state, const TextPool& texts);
  void fold(const State& state);

  DerivedSpec spec_;
  Kind kind_ = Kind::kCount;
  SymbolId symbol_ = kNothing;  // what is counted, or the successor
  SymbolId zero_ = kNothing;
  AgentId free_ = 0;
  Wire tail_ = kNowhere;  // of a number: the port that it goes on at
  std::int64_t folded_ = 0;
  std::optional<Stamp> stamp_;
  std::optional<Value> value_;
  std::uint64_t computed_ = 0;
};

}  // namespace yard::nets
