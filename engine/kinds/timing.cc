// Kinds that know the time. Logical time: what the journal says it is.
#include <algorithm>

#include "engine/kinds/families.h"
#include "engine/kinds/random_stream.h"

namespace yard::graph {
namespace {

constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr double kMsMax = 1e12;  // 31 years: sums of it and of logical time fit int64 nanoseconds

template <typename T>
struct Timer {
  struct Settings {
    std::int64_t interval_ns;
    static Result<Settings> make(const Parameters& parameters) {
      return Settings{parameters.get<std::int64_t>("interval_ms") * kNanosPerMs};
    }
  };
  struct State {
    std::int64_t due_ns;
    bool is_running;
  };
  static constexpr int kTicksMax = 4'096;  // at a time; what is due beyond it comes next, and nothing is lost

  void operator()(State& state, const Settings& settings, Outside& outside, Emit<T> tick) const {
    if (!state.is_running) state = {outside.now_ns() + settings.interval_ns, true};
    for (int ticks = 0; state.due_ns <= outside.now_ns() && ticks < kTicksMax; ++ticks) {
      tick(T{1});
      state.due_ns += settings.interval_ns;
    }
    outside.wake(std::max(state.due_ns, outside.now_ns()));
  }
};

// NodeFlow's source: set from outside, or by itself at random times if it has a longest interval.
template <typename T>
struct DeviceTrigger {
  struct Settings {
    T value;
    double least_ms;
    double most_ms;
    static Result<Settings> make(const Parameters& parameters) {
      const Settings settings{parameters.get<T>("value"), parameters.get<double>("min_interval"),
                              parameters.get<double>("max_interval")};
      if (settings.least_ms > settings.most_ms)
        return fail(ErrorCode::kInvalidArguments, "is above max_interval", "/min_interval");
      return settings;
    }
  };
  struct State {
    std::uint64_t stream;
    T value;
    bool is_running;
  };
  static void begin(State& state, std::uint64_t seed) { state.stream = seed; }

  T operator()(State& state, const Settings& settings, Outside& outside) const {
    state.value = state.is_running ? draw(state) : settings.value;
    state.is_running = true;
    if (settings.most_ms > 0) {
      const double ms = settings.least_ms + next_fraction(state.stream) * (settings.most_ms - settings.least_ms);
      outside.wake(outside.now_ns() + std::max<std::int64_t>(1, static_cast<std::int64_t>(ms * kNanosPerMs)));
    }
    return state.value;
  }

 private:
  static T draw(State& state) {
    if constexpr (std::is_same_v<T, double>)
      return next_fraction(state.stream);
    else
      return state.value == T{} ? T{1} : T{};
  }
};

template <typename T>
struct Delay {
  struct Settings {
    std::int64_t delay_ns;
    std::uint32_t capacity;
    static Result<Settings> make(const Parameters& parameters) {
      return Settings{parameters.get<std::int64_t>("delay_ms") * kNanosPerMs,
                      static_cast<std::uint32_t>(parameters.get<std::int64_t>("capacity"))};
    }
    [[nodiscard]] std::uint32_t slots() const { return capacity * 2; }  // each: when it is due, and the value
  };
  struct State {
    std::uint32_t first;
    std::uint32_t count;
    T newest;
    T out;
    bool is_running;
  };

  OrFault<T> operator()(State& state, Slots slots, const Settings& settings, Outside& outside, T x) const {
    const auto place = [&](std::uint32_t at) {
      return slots.words.data() + (state.first + at) % settings.capacity * 2;
    };
    if (!state.is_running) state.newest = state.out = x;
    state.is_running = true;
    for (; state.count > 0 && static_cast<std::int64_t>(place(0)[0]) <= outside.now_ns(); --state.count) {
      state.out = Cell::from_bits(place(0)[1]).template get<T>();
      state.first = (state.first + 1) % settings.capacity;
    }
    if (!(Cell(x) == Cell(state.newest))) {
      if (state.count == settings.capacity) return fault(FaultCode::kTooLarge, "more changes than capacity");
      place(state.count)[0] = static_cast<std::uint64_t>(outside.now_ns() + settings.delay_ns);
      place(state.count)[1] = Cell(x).bits();
      ++state.count;
      state.newest = x;
    }
    if (state.count > 0) outside.wake(static_cast<std::int64_t>(place(0)[0]));
    return state.out;
  }
};

struct QuietSettings {
  std::int64_t ns;
  static Result<QuietSettings> make(const Parameters& parameters) {
    return QuietSettings{parameters.get<std::int64_t>("ms") * kNanosPerMs};
  }
};

template <typename T>
struct Debounce {
  using Settings = QuietSettings;
  struct State {
    std::int64_t due_ns;
    T newest;
    T out;
    bool is_running;
    bool is_waiting;
  };

  T operator()(State& state, const Settings& settings, Outside& outside, T x) const {
    if (!state.is_running) {
      state = {0, x, x, true, false};
    } else if (!(Cell(x) == Cell(state.newest))) {
      state.newest = x;
      state.is_waiting = true;
      state.due_ns = outside.now_ns() + settings.ns;
      outside.wake(state.due_ns);
    } else if (state.is_waiting && outside.now_ns() >= state.due_ns) {
      state.out = x;
      state.is_waiting = false;
    }
    return state.out;
  }
};

template <typename T>
struct Throttle {
  using Settings = QuietSettings;
  struct State {
    std::int64_t free_ns;  // when the next change may go through
    T out;
    bool is_running;
  };

  T operator()(State& state, const Settings& settings, Outside& outside, T x) const {
    const bool is_change = state.is_running && !(Cell(x) == Cell(state.out));
    if (is_change && outside.now_ns() < state.free_ns) {
      outside.wake(state.free_ns);
      return state.out;
    }
    if (is_change) state.free_ns = outside.now_ns() + settings.ns;
    state.out = x;
    state.is_running = true;
    return state.out;
  }
};

template <template <typename> typename F>
Kind quieting(std::string_view name, std::string_view summary) {
  return {.name = std::string(name),
          .summary = std::string(summary),
          .inputs = {{"x"}},
          .outputs = {"out"},
          .parameters = {{.name = "ms", .type = DataType::kInt64, .least = 1, .most = kMsMax}},
          .overloads = {overload<F<bool>>(), overload<F<std::int64_t>>(), overload<F<double>>()}};
}

}  // namespace

void add_timing(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Timer",
                   .summary = "An event of value 1 every interval_ms.",
                   .role = NodeRole::kTimer,
                   .outputs = {"out1"},
                   .parameters = {{.name = "interval_ms", .type = DataType::kInt64, .least = 1, .most = kMsMax}},
                   .overloads = {overload<Timer<double>>(), overload<Timer<int64_t>>(), overload<Timer<bool>>()},
                   .free_names = true});
  kinds.push_back({.name = "DeviceTrigger",
                   .summary = "Set from outside; with max_interval also by itself, at random times.",
                   .role = NodeRole::kSource,
                   .outputs = {"out1"},
                   .parameters = {{.name = "value", .fallback = "0", .as_output = true},
                                  {.name = "key", .type = DataType::kString, .fallback = "\"\""},
                                  {.name = "min_interval", .fallback = "0", .least = 0, .most = kMsMax},
                                  {.name = "max_interval", .fallback = "0", .least = 0, .most = kMsMax}},
                   .overloads = {overload<DeviceTrigger<int64_t>>(), overload<DeviceTrigger<double>>()},
                   .free_names = true});
  kinds.push_back(quieting<Debounce>("Debounce", "x once it has kept still for ms."));
  kinds.push_back(quieting<Throttle>("Throttle", "x, but at most one change in ms; the last one comes through."));
  kinds.push_back(
      {.name = "Delay",
       .summary = "What x was delay_ms ago.",
       .inputs = {{"x"}},
       .outputs = {"out"},
       .parameters = {{.name = "delay_ms", .type = DataType::kInt64, .least = 1, .most = kMsMax},
                      {.name = "capacity", .type = DataType::kInt64, .fallback = "16", .least = 1, .most = 4'096}},
       .overloads = {overload<Delay<bool>>(), overload<Delay<int64_t>>(), overload<Delay<double>>()}});
}

}  // namespace yard::graph
