// From a kernel to the code that runs its nodes: one, a stretch of them by tables, or a stretch side by side.
#pragma once

#include <array>

#include "engine/aot/runtime/vocabulary.h"

namespace yard::graph::generated {

// What is known of nodes when their code is written.
inline constexpr unsigned kPlain = 0;
inline constexpr unsigned kMayFail = 1;  // an input may hold a fault
inline constexpr unsigned kCostly = 2;   // worth a look at whether it has to run

struct Node {
  std::uint32_t node = 0;
  std::uint32_t state = 0;           // its first word, or the place of its text
  const void* settings = nullptr;    // the kernel's Settings
  std::uint32_t state_words = 0;     // from one node to the next
  std::uint32_t settings_bytes = 0;  // the same
};

// What an argument of a kernel is.
enum class Part { kInput, kMany, kState, kSettings, kSlots, kOutside, kEmit };
template <typename T>
inline constexpr Part kPartOf = Part::kInput;
template <typename T>
inline constexpr Part kPartOf<Many<T>> = Part::kMany;
template <typename T>
inline constexpr Part kPartOf<Emit<T>> = Part::kEmit;
template <>
inline constexpr Part kPartOf<Slots> = Part::kSlots;
template <>
inline constexpr Part kPartOf<Outside&> = Part::kOutside;
template <typename T>
inline constexpr Part kPartOf<const T&> = Part::kSettings;
template <typename T>
inline constexpr Part kPartOf<T&> = Part::kState;

// How many outputs a result is for.
template <typename R>
inline constexpr std::uint32_t kResults = 1;
template <>
inline constexpr std::uint32_t kResults<void> = 0;
template <typename... T>
inline constexpr std::uint32_t kResults<std::tuple<T...>> = sizeof...(T);
template <typename T>
inline constexpr std::uint32_t kResults<OrFault<T>> = kResults<T>;

// ---- putting

inline bool put_fault(Columns& c, std::uint32_t out, std::uint32_t outputs, const Fault& fault) {
  bool changed = false;
  for (std::uint32_t cell = out; cell < out + outputs; ++cell)
    changed |= c.host->put_fault(c.host->self, cell, static_cast<std::uint8_t>(fault.code), bytes_of(fault.text));
  return changed;
}
inline bool hand_on_fault(Columns& c, const std::uint32_t* in, std::uint32_t out, std::uint32_t outputs) {
  while ((c.marks[*in] & kFaulty) == 0) ++in;
  bool changed = false;
  for (std::uint32_t cell = out; cell < out + outputs; ++cell) changed |= c.host->copy_fault(c.host->self, *in, cell);
  return changed;
}

template <typename T>
bool put(Columns& c, std::uint32_t out, T result) {
  const std::uint64_t bits = Cell(result).bits();
  bool changed = bits != c.values[out];
  if ((c.marks[out] & kFaulty) != 0) {
    c.host->clear_fault(c.host->self, out);
    changed = true;
  }
  c.values[out] = bits;
  c.marks[out] = c.marks[out] | static_cast<Mark>(changed);
  return changed;
}
template <DataType kType>
bool put(Columns& c, std::uint32_t out, const Out<kType>& result) {
  return c.host->put_text(c.host->self, out, bytes_of(result.text.view()));
}
template <typename... T>
bool put(Columns& c, std::uint32_t out, const std::tuple<T...>& results) {
  bool changed = false;
  std::apply([&](const auto&... result) { ((changed |= put(c, out++, result)), ...); }, results);
  return changed;
}
template <typename T>
bool put(Columns& c, std::uint32_t out, const OrFault<T>& result) {
  if (!result) return put_fault(c, out, kResults<T>, result.error());
  return put(c, out, *result);
}

// ---- running

// How many of the first `before` are of this part.
template <std::size_t kCount>
constexpr std::uint32_t count_parts(const std::array<Part, kCount>& parts, Part part, std::size_t before = kCount) {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < before; ++i) found += parts[i] == part;
  return found;
}

template <typename F, typename Operator = decltype(&F::operator())>
struct Kernel;

template <typename F, typename R, typename... A>
struct Kernel<F, R (F::*)(A...) const> {
  static constexpr std::array<Part, sizeof...(A)> kParts = {kPartOf<A>...};
  static constexpr std::uint32_t kInputs = count_parts(kParts, Part::kInput);
  static constexpr std::uint32_t kOutputs = kResults<R> + count_parts(kParts, Part::kEmit);
  static constexpr bool kOutside = count_parts(kParts, Part::kOutside) > 0;
  // A function of numbers alone: running it once more than needed changes nothing.
  static constexpr bool kPure =
      std::is_arithmetic_v<R> &&
      ((std::is_arithmetic_v<A> || std::is_same_v<A, Many<Cell>> || std::is_same_v<A, Many<bool>> ||
        std::is_same_v<A, Many<std::int64_t>> || std::is_same_v<A, Many<double>>) &&
       ...);

  // What a pure kernel makes of its inputs.
  template <std::uint32_t kIn>
  [[gnu::always_inline]] static std::uint64_t bits(Columns& c, const std::uint32_t* in) {
    return Cell(call_pure(c, in, kIn, std::index_sequence_for<A...>{})).bits();
  }

  template <std::uint32_t kIn, unsigned kHints>
  [[gnu::always_inline]] static bool step(Columns& c, const std::uint32_t* in, std::uint32_t out, const Node& node) {
    const unsigned marks = marks_of(c, in, std::make_index_sequence<kIn>());
    if constexpr (kPure && kHints == kPlain) {
      c.ran += marks & kChanged;
      const std::uint64_t bits = Kernel::template bits<kIn>(c, in);
      const bool changed = bits != c.values[out];
      c.values[out] = bits;
      c.marks[out] = c.marks[out] | static_cast<Mark>(changed);
      return changed;
    } else {
      return step_if<kIn, kHints>(c, in, out, node, marks);
    }
  }

 private:
  template <std::size_t... kAt>
  [[gnu::always_inline]] static unsigned marks_of([[maybe_unused]] const Columns& c,
                                                  [[maybe_unused]] const std::uint32_t* in,
                                                  std::index_sequence<kAt...>) {
    return (0u | ... | c.marks[in[kAt]]);
  }

  template <std::uint32_t kIn, unsigned kHints>
  static bool step_if(Columns& c, const std::uint32_t* in, std::uint32_t out, const Node& node, unsigned marks) {
    if constexpr (kOutside && kOutputs > 0) marks |= c.marks[out] & kForced;
    if ((marks & (kChanged | kForced)) == 0) return false;
    if constexpr (kOutside && kOutputs > 0) c.marks[out] = without(c.marks[out], kForced);
    const bool is_faulty = (kHints & kMayFail) != 0 && (marks & kFaulty) != 0;
    const bool changed =
        is_faulty ? hand_on_fault(c, in, out, kOutputs) : call(c, in, kIn, out, node, std::index_sequence_for<A...>{});
    ++c.ran;
    return changed;
  }

  template <typename T, std::size_t kAt>
  static T argument(Columns& c, const std::uint32_t* in, std::uint32_t in_count, std::uint32_t out, const Node& node,
                    Outside& outside, Text& text) {
    constexpr Part kPart = kParts[kAt];
    if constexpr (kPart == Part::kInput && requires { T(c, 0u); })
      return T(c, in[count_parts(kParts, Part::kInput, kAt)]);
    else if constexpr (kPart == Part::kInput)
      return Fetch<T>::from(c, in[count_parts(kParts, Part::kInput, kAt)]);
    else if constexpr (kPart == Part::kMany)
      return T(c, in + kInputs, in_count - kInputs);
    else if constexpr (kPart == Part::kEmit)
      return T(c, out + kResults<R> + count_parts(kParts, Part::kEmit, kAt));
    else if constexpr (kPart == Part::kOutside)
      return outside;
    else if constexpr (kPart == Part::kSettings)
      return *static_cast<const std::remove_cvref_t<T>*>(node.settings);
    else if constexpr (kPart == Part::kSlots)
      return Slots{{c.state + node.state + (sizeof(typename F::State) + 7) / 8,
                    static_cast<const typename F::Settings*>(node.settings)->slots()}};
    else if constexpr (std::is_same_v<T, Text&>)
      return text;
    else
      return *reinterpret_cast<typename F::State*>(c.state + node.state);
  }

  template <std::size_t... kAt>
  [[gnu::always_inline]] static R call_pure(Columns& c, const std::uint32_t* in, std::uint32_t in_count,
                                            std::index_sequence<kAt...>) {
    return F{}(input<A, kAt>(c, in, in_count)...);
  }
  template <typename T, std::size_t kAt>
  static auto input(Columns& c, const std::uint32_t* in, std::uint32_t in_count) {
    if constexpr (kParts[kAt] == Part::kMany)
      return T(c, in + kInputs, in_count - kInputs);
    else if constexpr (requires { Fetch<T>::from(c, 0u); })
      return Fetch<T>::from(c, in[count_parts(kParts, Part::kInput, kAt)]);
  }

  template <std::size_t... kAt>
  static bool call(Columns& c, const std::uint32_t* in, std::uint32_t in_count, std::uint32_t out, const Node& node,
                   std::index_sequence<kAt...>) {
    [[maybe_unused]] Outside outside(c, node.node, in);
    Text text;
    constexpr bool kTextState = (std::is_same_v<A, Text&> || ...);
    if constexpr (kTextState) text = Text::of(c.host->text_state(c.host->self, node.state));
    bool changed = false;
    if constexpr (std::is_void_v<R>)
      F{}(argument<A, kAt>(c, in, in_count, out, node, outside, text)...);
    else
      changed = put(c, out, F{}(argument<A, kAt>(c, in, in_count, out, node, outside, text)...));
    if constexpr (kTextState) c.host->put_text_state(c.host->self, node.state, bytes_of(text.view()));
    for (std::uint32_t i = kResults<R>; i < kOutputs; ++i) changed |= (c.marks[out + i] & kChanged) != 0;
    return changed;
  }
};

// One node: its inputs' cells, its first output's cell. Returns whether an output has changed.
template <typename F, unsigned kHints, std::size_t kIn>
[[gnu::always_inline]] inline bool one(Columns& c, const std::uint32_t (&in)[kIn], std::uint32_t out,
                                       const Node& node = {}) {
  return Kernel<F>::template step<kIn, kHints>(c, in, out, node);
}
template <typename F, unsigned kHints>
[[gnu::always_inline]] inline bool one(Columns& c, std::uint32_t out, const Node& node = {}) {
  return Kernel<F>::template step<0, kHints>(c, nullptr, out, node);
}

// `count` nodes behind each other, of kIn inputs each, whose cells stand in a table.
template <typename F, unsigned kHints, std::uint32_t kIn>
[[gnu::noinline]] inline bool many(Columns& c, const std::uint32_t* in, std::uint32_t out, std::uint32_t count,
                                   Node node = {}) {
  // A copy, since nothing outside of this loop looks at the columns of kernels that are functions of numbers.
  Columns local = c;
  Columns& used = Kernel<F>::kPure ? local : c;
  bool changed = false;
  for (std::uint32_t left = count; left > 0; --left) {
    changed |= Kernel<F>::template step<kIn, kHints>(used, in, out, node);
    in += kIn;
    out += Kernel<F>::kOutputs;
    ++node.node;
    node.state += node.state_words;
    if (node.settings != nullptr) node.settings = static_cast<const char*>(node.settings) + node.settings_bytes;
  }
  c.ran = used.ran;
  return changed;
}

// Stretches for many(), behind each other.
struct Row {
  bool (*run)(Columns&, const std::uint32_t* in, std::uint32_t out, std::uint32_t count, Node node);
  const std::uint32_t* in;
  std::uint32_t out;
  std::uint32_t count;
  Node node;
};
inline bool rows(Columns& c, const Row* row, std::uint32_t count) {
  bool changed = false;
  for (const Row* const end = row + count; row != end; ++row)
    changed |= row->run(c, row->in, row->out, row->count, row->node);
  return changed;
}

// `count` nodes side by side: none reads another one's output, and from one to the next each input's cell goes on by
// its stride, which is 0 or 1. Arithmetic of bits instead of comparisons, so that compilers make vectors of it.
template <typename F, std::uint32_t... kStride>
[[gnu::noinline]] inline bool span(Columns& c, const std::uint32_t (&in)[sizeof...(kStride)], std::uint32_t out,
                                   std::uint32_t count) {
  Columns local = c;
  return [&]<std::size_t... kAt>(std::index_sequence<kAt...>) {
    std::uint64_t any = 0;
    std::uint32_t ran = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t cells[] = {(in[kAt] + i * kStride)...};
      const std::uint64_t bits = Kernel<F>::template bits<sizeof...(kStride)>(local, cells);
      const std::uint64_t difference = bits ^ local.values[out + i];
      const std::uint64_t changed = (difference | (0 - difference)) >> 63;
      local.values[out + i] = bits;
      local.marks[out + i] = local.marks[out + i] | static_cast<Mark>(changed);
      ran += ((local.marks[cells[kAt]] & kChanged) | ...);
      any |= changed;
    }
    c.ran += ran;
    return any != 0;
  }(std::make_index_sequence<sizeof...(kStride)>());
}

// ---- cycles

inline constexpr std::uint32_t kCycleIterationsMax = 20;

// The nodes of a cycle, again and again in their order, until no input of theirs changes any more. C knows them by
// their place in it: how many (kNodes), their first outputs' cells (kOut, and one more), the cells they read (kIn by
// kFirstIn), who reads which of their cells (kReaders by kFirstReader), and run(c, node).
template <typename C>
bool cycle(Columns& c, std::uint32_t number) {
  std::array<bool, C::kNodes> ready{};
  for (std::uint32_t node = 0; node < C::kNodes; ++node) {
    unsigned marks = c.marks[C::kOut[node]] & kForced;
    for (std::uint32_t i = C::kFirstIn[node]; i < C::kFirstIn[node + 1]; ++i) marks |= c.marks[C::kIn[i]] & kChanged;
    ready[node] = marks != 0;
  }
  bool any = false;
  for (std::uint32_t iteration = 0; iteration < kCycleIterationsMax; ++iteration) {
    bool has_run = false;
    for (std::uint32_t node = 0; node < C::kNodes; ++node) {
      if (!std::exchange(ready[node], false)) continue;
      has_run = true;
      if (!C::run(c, node)) continue;
      any = true;
      for (std::uint32_t cell = C::kOut[node]; cell < C::kOut[node + 1]; ++cell) {
        if ((c.marks[cell] & kChanged) == 0) continue;
        const std::uint32_t at = cell - C::kOut[0];
        for (std::uint32_t i = C::kFirstReader[at]; i < C::kFirstReader[at + 1]; ++i) ready[C::kReaders[i]] = true;
      }
    }
    if (!has_run) return any;
  }
  for (const bool left : ready)
    if (left) {
      c.host->restless(c.host->self, number);
      break;
    }
  return any;
}

}  // namespace yard::graph::generated
