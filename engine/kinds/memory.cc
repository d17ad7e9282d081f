// Kinds that remember: latches and counters.
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

// Any value above a half is high, as NodeFlow has it; so are true and every whole number from 1 on.
template <typename T>
bool is_high(T value) {
  return static_cast<double>(value) > 0.5;
}

template <typename T>
struct Latch {
  struct State {
    T held;
  };
  T operator()(State& state, T x, bool hold) const {
    if (!hold) state.held = x;
    return state.held;
  }
};
template <DataType kType>
struct LatchText {
  using State = Text;
  Out<kType> operator()(Text& held, In<kType> x, bool hold) const {
    if (!hold) held = x.text;
    return {held};
  }
};

struct SetReset {
  struct State {
    bool is_set;
  };
  bool operator()(State& state, bool set, bool reset) const {
    state.is_set = !reset && (set || state.is_set);
    return state.is_set;
  }
};

// Whether there was a rising edge in a level, or how many events were high.
struct Edges {
  bool was_high;

  template <typename T>
  std::int64_t count(const Events<T>& events) {
    std::int64_t rising = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool high = is_high(events[i]);
      rising += high && !(events.is_level() && was_high);
      was_high = high;
    }
    return rising;
  }
};

template <typename T>
struct Toggle {
  struct State {
    Edges edges;
    bool is_on;
  };
  bool operator()(State& state, Events<T> trigger) const {
    if (state.edges.count(trigger) % 2 != 0) state.is_on = !state.is_on;
    return state.is_on;
  }
};

template <typename T, typename R>
struct Counter {
  struct State {
    std::int64_t count;
    Edges edges;
  };
  R operator()(State& state, Events<T> trigger) const {
    state.count += state.edges.count(trigger);
    return static_cast<R>(state.count);
  }
};

}  // namespace

void add_memory(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Latch",
                   .summary = "x, or while hold is true what x was when it became so.",
                   .inputs = {{"x"}, {"hold"}},
                   .outputs = {"out"},
                   .overloads = {overload<Latch<bool>>(), overload<Latch<int64_t>>(), overload<Latch<double>>(),
                                 overload<LatchText<DataType::kString>>(), overload<LatchText<DataType::kBytes>>(),
                                 overload<LatchText<DataType::kJson>>()}});
  kinds.push_back({.name = "SetReset",
                   .summary = "True from set to reset; reset wins.",
                   .inputs = {{"set"}, {"reset"}},
                   .outputs = {"out"},
                   .overloads = {overload<SetReset>()}});
  kinds.push_back({.name = "Toggle",
                   .summary = "Changes with every rising edge, or event above 0.5, of the trigger.",
                   .inputs = {{"trigger"}},
                   .outputs = {"out"},
                   .overloads = {overload<Toggle<bool>>(), overload<Toggle<int64_t>>(), overload<Toggle<double>>()}});
  kinds.push_back({.name = "Counter",
                   .summary = "How many rising edges, or events above 0.5, there were.",
                   .inputs = {{"in1"}},
                   .outputs = {"out1"},
                   .overloads = {overload<Counter<int64_t, int64_t>>(), overload<Counter<double, int64_t>>(),
                                 overload<Counter<bool, int64_t>>(), overload<Counter<int64_t, double>>(),
                                 overload<Counter<double, double>>(), overload<Counter<bool, double>>()},
                   .free_names = true});
}

}  // namespace yard::graph
