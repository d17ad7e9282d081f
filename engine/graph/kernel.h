// From a typed function to the loops that run it: make_kernel<F>() turns a function object into a Kernel.
//
//   struct Minus {
//     double operator()(double a, double b) const { return a - b; }
//   };
//
// The template reads the inputs' marks, skips what has not changed, hands faults on, fetches the arguments, calls F and
// compares the result with what the cell held. F says none of this. What F may take: signature.h.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/settings.h"
#include "engine/graph/signature.h"

namespace yard::graph {

// The type of a port. `any`: an input that takes each scalar; the node's document says which.
struct PortType {
  DataType type = DataType::kDouble;
  PortClass port_class = PortClass::kLevel;
  bool any = false;
  bool operator==(const PortType&) const = default;
};

// Threads: pure but for the frame.
struct Kernel {
  // Runs a node whatever its marks say. Returns whether an output has changed.
  bool (*run_one)(const Frame& frame, std::uint32_t node) = nullptr;  // none: a source, which is set from outside
  // Goes over `count` nodes of this kernel from `first` on, in order, all with as many inputs as the first, and runs
  // those that an input has changed for. Returns how many it ran.
  std::uint32_t (*run_many)(const Frame& frame, std::uint32_t first, std::uint32_t count) = nullptr;

  std::vector<PortType> inputs;
  std::vector<PortType> outputs;
  bool variadic = false;       // the last input repeats, once at least
  bool outside = false;        // asks its host for something: who runs it has to know which node it is
  bool wants_receipt = false;  // its effects are calls; receipts write its outputs: result, count, arguments

  std::uint32_t state_words = 0;                                      // of 8 bytes; Slots come behind them
  bool text_state = false;                                            // the state is a Text
  void (*begin)(std::uint64_t* state, std::uint64_t seed) = nullptr;  // none: the state begins as zeros
  std::uint32_t (*slots)(const void* settings) = nullptr;             // how many; none without Slots
  Result<std::shared_ptr<const void>> (*make_settings)(const Parameters& parameters) = nullptr;
};

namespace internal {

// What an argument of operator() is.
enum class Part { kInput, kMany, kState, kSettings, kSlots, kOutside, kEmit };

template <typename T>
struct PartOf;
template <Scalar T>
struct PartOf<T> {
  static constexpr Part kPart = Part::kInput;
  static PortType port() { return {Fetch<T>::kType}; }
};
template <DataType kType>
struct PartOf<In<kType>> {
  static constexpr Part kPart = Part::kInput;
  static PortType port() { return {kType}; }
};
template <typename T>
struct PartOf<Events<T>> {
  static constexpr Part kPart = Part::kInput;
  static PortType port() { return {Fetch<T>::kType, PortClass::kEvent}; }
};
template <typename T>
struct PartOf<Many<T>> {
  static constexpr Part kPart = Part::kMany;
  static PortType port() { return PartOf<T>::port(); }
};
template <>
struct PartOf<Many<Cell>> {
  static constexpr Part kPart = Part::kMany;
  static PortType port() { return {.any = true}; }
};
template <typename T>
struct PartOf<Emit<T>> {
  static constexpr Part kPart = Part::kEmit;
  static PortType port() { return {Fetch<T>::kType, PortClass::kEvent}; }
};
template <>
struct PartOf<Slots> {
  static constexpr Part kPart = Part::kSlots;
};
template <>
struct PartOf<Outside&> {
  static constexpr Part kPart = Part::kOutside;
};
template <typename T>
struct PartOf<const T&> {
  static constexpr Part kPart = Part::kSettings;
};
template <typename T>
struct PartOf<T&> {
  static constexpr Part kPart = Part::kState;
};

// All outputs of the node get `fault`, or that of the first faulty input.
bool put_fault(const Run& run, const Fault& fault);
bool hand_on_fault(const Run& run);

// Puts a result into the outputs' cells from `out` on; returns whether one has changed.
template <Scalar T>
bool put(const Run& run, std::uint32_t out, T result) {
  const Cell value(result);
  Mark& mark = run.marks[out];
  if ((mark & kFaulty) != 0) [[unlikely]]
    return run.frame.cells.put(out, value);
  const bool changed = !(run.values[out] == value);
  run.values[out] = value;
  mark = static_cast<Mark>(mark | (changed ? kChanged : 0));
  return changed;
}
template <DataType kType>
bool put(const Run& run, std::uint32_t out, Out<kType> result) {
  return run.frame.cells.put(out, std::move(result.text));
}
template <typename... T>
bool put(const Run& run, std::uint32_t out, std::tuple<T...> results) {
  bool changed = false;
  std::apply([&](auto&... result) { ((changed |= put(run, out++, std::move(result))), ...); }, results);
  return changed;
}
template <typename T>
bool put(const Run& run, std::uint32_t out, OrFault<T> result) {
  if (!result) [[unlikely]]
    return put_fault(run, result.error());
  return put(run, out, *std::move(result));
}

template <typename R>
struct ResultPorts {
  static void add(std::vector<PortType>& ports) { ports.push_back({Fetch<R>::kType}); }
};
template <>
struct ResultPorts<void> {
  static void add(std::vector<PortType>&) {}
};
template <DataType kType>
struct ResultPorts<Out<kType>> {
  static void add(std::vector<PortType>& ports) { ports.push_back({kType}); }
};
template <typename T>
struct ResultPorts<OrFault<T>> : ResultPorts<T> {};
template <typename... T>
struct ResultPorts<std::tuple<T...>> {
  static void add(std::vector<PortType>& ports) { (ResultPorts<T>::add(ports), ...); }
};

// How many outputs a result is for; those for events come behind them.
template <typename R>
inline constexpr std::uint32_t kResults = 1;
template <>
inline constexpr std::uint32_t kResults<void> = 0;
template <typename... T>
inline constexpr std::uint32_t kResults<std::tuple<T...>> = sizeof...(T);
template <typename T>
inline constexpr std::uint32_t kResults<OrFault<T>> = kResults<T>;

// How many of the first `before` are of this part.
template <std::size_t kCount>
constexpr std::uint32_t count_parts(const std::array<Part, kCount>& parts, Part part, std::size_t before = kCount) {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < before; ++i) found += parts[i] == part;
  return found;
}

template <typename F, typename Operator>
struct Loop;

template <typename F, typename R, typename... A>
struct Loop<F, R (F::*)(A...) const> {
  static constexpr std::array<Part, sizeof...(A)> kParts = {PartOf<A>::kPart...};
  static constexpr std::uint32_t kInputs = count_parts(kParts, Part::kInput);
  static constexpr bool kVariadic = count_parts(kParts, Part::kMany) > 0;
  static constexpr bool kEmits = count_parts(kParts, Part::kEmit) > 0;

  static std::vector<PortType> outputs() {
    std::vector<PortType> ports;
    ResultPorts<R>::add(ports);
    (add_port<A>(ports, Part::kEmit, Part::kEmit), ...);
    return ports;
  }
  static std::vector<PortType> inputs() {
    std::vector<PortType> ports;
    (add_port<A>(ports, Part::kInput, Part::kMany), ...);
    return ports;
  }
  template <typename T>
  static void add_port(std::vector<PortType>& ports, Part part, Part or_part) {
    if constexpr (requires { PartOf<T>::port(); })
      if (PartOf<T>::kPart == part || PartOf<T>::kPart == or_part) ports.push_back(PartOf<T>::port());
  }

  template <typename T, std::size_t kAt>
  static decltype(auto) argument(const Run& run, Outside& outside) {
    constexpr Part kPart = kParts[kAt];
    if constexpr (kPart == Part::kInput && requires { T(run, 0u); })
      return T(run, count_parts(kParts, Part::kInput, kAt));
    else if constexpr (kPart == Part::kInput)
      return Fetch<T>::from(run, count_parts(kParts, Part::kInput, kAt));
    else if constexpr (kPart == Part::kMany)
      return T(run, kInputs);
    else if constexpr (kPart == Part::kEmit)
      return T(run, kResults<R> + count_parts(kParts, Part::kEmit, kAt));
    else if constexpr (kPart == Part::kOutside)
      return static_cast<T>(outside);
    else
      return own<T, kPart>(run);
  }

  // What is the node's own: state, slots, settings.
  template <typename T, Part kPart>
  static decltype(auto) own(const Run& run) {
    Cells& cells = run.frame.cells;
    if constexpr (kPart == Part::kSettings) {
      return *static_cast<const std::remove_cvref_t<T>*>(run.frame.wiring.settings[run.extra().settings]);
    } else if constexpr (kPart == Part::kSlots) {
      const auto& settings = *static_cast<const typename F::Settings*>(run.frame.wiring.settings[run.extra().settings]);
      return Slots{{cells.state.data() + run.extra().state + state_words(), settings.slots()}};
    } else if constexpr (std::is_same_v<T, Text&>) {
      return static_cast<T>(cells.text_state[run.extra().state]);
    } else {
      static_assert(std::is_trivially_copyable_v<typename F::State> && alignof(typename F::State) <= 8);
      return *reinterpret_cast<typename F::State*>(cells.state.data() + run.extra().state);
    }
  }
  static constexpr std::uint32_t state_words() {
    if constexpr (count_parts(kParts, Part::kState) == 0)
      return 0;
    else if constexpr (std::is_same_v<typename F::State, Text>)
      return 0;
    else
      return (sizeof(typename F::State) + 7) / 8;
  }
  template <std::size_t... kAt>
  static bool call(const Run& run, std::index_sequence<kAt...>) {
    [[maybe_unused]] Outside outside(run);
    if constexpr (std::is_void_v<R>) {
      F{}(argument<A, kAt>(run, outside)...);
      return kEmits && has_emitted(run);
    } else {
      const bool changed = put(run, run.out, F{}(argument<A, kAt>(run, outside)...));
      return changed || (kEmits && has_emitted(run));
    }
  }
  static bool has_emitted(const Run& run) {
    for (std::uint32_t i = 0; i < count_parts(kParts, Part::kEmit); ++i)
      if ((run.marks[run.out + kResults<R> + i] & kChanged) != 0) return true;
    return false;
  }
  static Mark marks_of(const Run& run) {
    Mark marks = 0;
    const std::uint32_t inputs = kVariadic ? run.in_count : kInputs;
    for (std::uint32_t i = 0; i < inputs; ++i) marks |= run.marks[run.in[i]];
    return marks;
  }
  static bool step(const Run& run, Mark marks) {
    if ((marks & kFaulty) != 0) [[unlikely]]
      return hand_on_fault(run);
    return call(run, std::index_sequence_for<A...>{});
  }

  static Run run_of(const Frame& frame, std::uint32_t node) {
    const Wiring& wiring = frame.wiring;
    const std::uint32_t in = wiring.in_first[node];
    return {frame,
            frame.cells.values.data(),
            frame.cells.marks.data(),
            node,
            wiring.drivers + in,
            wiring.in_first[node + 1] - in,
            wiring.out_cell[node]};
  }
  static bool run_one(const Frame& frame, std::uint32_t node) {
    const Run run = run_of(frame, node);
    return step(run, marks_of(run));
  }
  static std::uint32_t run_many(const Frame& frame, std::uint32_t first, std::uint32_t count) {
    Run run = run_of(frame, first);
    const std::uint32_t inputs = kVariadic ? run.in_count : kInputs;
    const std::uint32_t outputs = frame.wiring.out_cell[first + 1] - run.out;
    std::uint32_t ran = 0;
    for (const std::uint32_t end = first + count; run.node < end; ++run.node, run.in += inputs, run.out += outputs) {
      const Mark marks = marks_of(run);
      if ((marks & kChanged) == 0) continue;
      ++ran;
      step(run, marks);
    }
    return ran;
  }
};

template <typename F, auto kMake>
Result<typename F::Settings> make_settings(const Parameters& parameters) {
  if constexpr (std::is_null_pointer_v<decltype(kMake)>)
    return F::Settings::make(parameters);
  else
    return kMake(parameters);
}

}  // namespace internal

// F must be stateless, with a const operator(). F::Settings has `static Result<Settings> make(const Parameters&)`, or
// `kMake` is a function that does the same; and `std::uint32_t slots() const` where F takes Slots. F::begin(State&,
// std::uint64_t seed), if there is one, makes the state that a node begins with; `seed` is the node's own.
template <typename F, auto kMake = nullptr>
Kernel make_kernel() {
  using Loop = internal::Loop<F, decltype(&F::operator())>;
  using internal::Part;
  Kernel kernel{.run_one = Loop::run_one,
                .run_many = Loop::run_many,
                .inputs = Loop::inputs(),
                .outputs = Loop::outputs(),
                .variadic = Loop::kVariadic,
                .outside = count_parts(Loop::kParts, Part::kOutside) > 0,
                .state_words = Loop::state_words()};
  if constexpr (count_parts(Loop::kParts, Part::kState) > 0)
    kernel.text_state = std::is_same_v<typename F::State, Text>;
  if constexpr (requires(typename F::State& state) { F::begin(state, std::uint64_t{}); })
    kernel.begin = [](std::uint64_t* state, std::uint64_t seed) {
      F::begin(*reinterpret_cast<typename F::State*>(state), seed);
    };
  if constexpr (requires { typename F::Settings; })
    kernel.make_settings = [](const Parameters& parameters) -> Result<std::shared_ptr<const void>> {
      YARD_TRY(auto settings, (internal::make_settings<F, kMake>(parameters)));
      return std::make_shared<const typename F::Settings>(std::move(settings));
    };
  if constexpr (count_parts(Loop::kParts, Part::kSlots) > 0)
    kernel.slots = [](const void* settings) { return static_cast<const typename F::Settings*>(settings)->slots(); };
  return kernel;
}

}  // namespace yard::graph
