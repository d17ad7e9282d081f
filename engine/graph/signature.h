// What a kernel's operator() takes and returns, and how each argument is fetched.
//
//   bool, std::int64_t, double          an input's value, or the result
//   In<DataType::kString>               an input that is a text, borrowed; Out<DataType::kString> as a result
//   Many<T>                             the last input, as often as the node has it
//   Events<T>                           the events at an input since the kernel ran before
//   S&                                  the kernel's state: F::State, trivially copyable or a Text
//   const S&                            the node's settings: F::Settings, made when the graph was loaded
//   Slots                               cells that belong to the state, as many as the settings say
//   Outside&                            logical time, waking, effects, breaches
//   Emit<T>                             an output for events
#pragma once

#include <concepts>
#include <expected>
#include <span>
#include <tuple>
#include <type_traits>

#include "engine/graph/frame.h"

namespace yard::graph {

template <typename T>
concept Scalar = std::same_as<T, bool> || std::same_as<T, std::int64_t> || std::same_as<T, double>;

template <DataType kType>
struct In {
  const Text& text;
  [[nodiscard]] std::string_view view() const { return text.view(); }
};

template <DataType kType>
struct Out {
  Text text;
};

// A result that may be a fault.
template <typename T>
using OrFault = std::expected<T, Fault>;

inline std::unexpected<Fault> fault(FaultCode code, std::string text) {
  return std::unexpected(Fault{code, std::move(text)});
}
// The same once more.
inline std::unexpected<Fault> fault(const Fault& same) { return std::unexpected(same); }

// A text in a kernel's settings.
using SettingsText = std::string;

// One node's run: what the arguments are fetched from. The columns stand here as pointers so that they stay in
// registers over many runs: for all the compiler knows, writing a mark might move a vector.
struct Run {
  const Frame& frame;
  Cell* values;
  Mark* marks;
  std::uint32_t node;
  const std::uint32_t* in;
  std::uint32_t in_count;
  std::uint32_t out;

  [[nodiscard]] const Cell& cell(std::uint32_t input) const { return values[in[input]]; }
  [[nodiscard]] const NodeExtra& extra() const { return frame.wiring.extras[frame.wiring.extra[node]]; }
};

template <typename T>
struct Fetch;

template <Scalar T>
struct Fetch<T> {
  static constexpr DataType kType = std::same_as<T, bool>           ? DataType::kBool
                                    : std::same_as<T, std::int64_t> ? DataType::kInt64
                                                                    : DataType::kDouble;
  static T from(const Run& run, std::uint32_t input) { return run.cell(input).get<T>(); }
};

template <DataType kOf>
struct Fetch<In<kOf>> {
  static constexpr DataType kType = kOf;
  static In<kOf> from(const Run& run, std::uint32_t input) { return {run.frame.cells.texts[run.cell(input).bits()]}; }
};

template <>
struct Fetch<Cell> {
  static Cell from(const Run& run, std::uint32_t input) { return run.cell(input); }
};

template <typename T>
class Many {
 public:
  Many(const Run& run, std::uint32_t first) : run_(run), first_(first) {}
  [[nodiscard]] std::uint32_t size() const { return run_.in_count - first_; }
  T operator[](std::uint32_t at) const { return Fetch<T>::from(run_, first_ + at); }

 private:
  const Run& run_;
  std::uint32_t first_;
};

// A level at an input for events is one event each time it changes.
template <Scalar T>
class Events {
 public:
  Events(const Run& run, std::uint32_t input) {
    const std::uint32_t cell = run.in[input];
    const Mark mark = run.marks[cell];
    is_level_ = (mark & kEvent) == 0;
    if (is_level_) {
      if ((mark & kChanged) != 0) events_ = {&run.cell(input), 1};
    } else if (const auto found = run.frame.cells.events.find(cell); found != run.frame.cells.events.end()) {
      events_ = found->second;
    }
  }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] bool is_level() const { return is_level_; }
  T operator[](std::size_t at) const { return events_[at].get<T>(); }

 private:
  std::span<const Cell> events_;
  bool is_level_ = false;
};

struct Slots {
  std::span<std::uint64_t> words;
};

class Outside {
 public:
  explicit Outside(const Run& run) : run_(run) {}
  [[nodiscard]] std::int64_t now_ns() const { return run_.frame.now_ns; }
  void wake(std::int64_t at_ns) { run_.frame.host.wake(run_.node, at_ns); }
  // Lets the first input out.
  void effect(std::string_view channel, DataType type) {
    run_.frame.host.effect(run_.node, channel, type, run_.cell(0));
  }
  void breach(std::string_view message, bool roll_back) { run_.frame.host.breach(run_.node, message, roll_back); }

 private:
  const Run& run_;
};

template <Scalar T>
class Emit {
 public:
  Emit(const Run& run, std::uint32_t output) : cells_(run.frame.cells), cell_(run.out + output) {}
  void operator()(T value) { cells_.emit(cell_, Cell(value)); }

 private:
  Cells& cells_;
  std::uint32_t cell_;
};

}  // namespace yard::graph
