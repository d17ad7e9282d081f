#include "engine/aot/emission.h"

#include <functional>
#include <unordered_map>

#include "engine/graph/convert_kernels.h"
#include "engine/kinds/arithmetic_kernels.h"
#include "engine/kinds/comparison_kernels.h"
#include "engine/kinds/fold_kernels.h"
#include "engine/kinds/formula_kernels.h"
#include "engine/kinds/logic_kernels.h"
#include "engine/kinds/memory_kernels.h"
#include "engine/kinds/outside_kernels.h"
#include "engine/kinds/random_kernels.h"
#include "engine/kinds/select_kernels.h"
#include "engine/kinds/text_kernels.h"
#include "engine/kinds/timing_kernels.h"

namespace yard::graph::aot {
namespace {

using namespace kernels;
using std::int64_t;

using Table = std::unordered_map<bool (*)(const Frame&, std::uint32_t), Emission>;

// ---- what a kernel's function says of it

template <typename T>
inline constexpr bool kIsFault = false;
template <typename T>
inline constexpr bool kIsFault<OrFault<T>> = true;

template <typename T>
inline constexpr bool kIsNumber = std::is_arithmetic_v<T>;
template <typename T>
inline constexpr bool kIsNumber<Many<T>> = std::is_arithmetic_v<T>;

template <typename Operator>
struct Function;
template <typename F, typename R, typename... A>
struct Function<R (F::*)(A...) const> {
  static constexpr bool kCanFail = kIsFault<R>;
  static constexpr bool kPure = std::is_arithmetic_v<R> && (kIsNumber<A> && ...);
};

// ---- settings

std::string fields(const TimerSettings& s) { return literal(s.interval_ns); }
std::string fields(const DelaySettings& s) { return literal(s.delay_ns) + ", " + std::to_string(s.capacity); }
std::string fields(const QuietSettings& s) { return literal(s.ns); }
std::string fields(const WindowSettings& s) { return std::to_string(s.size); }
std::string fields(const ChannelSettings& s) { return literal(std::string_view(s.channel)); }
std::string fields(const RequireSettings& s) {
  return literal(std::string_view(s.message)) + ", " + literal(s.roll_back);
}
template <typename T>
std::string fields(const TriggerSettings<T>& s) {
  return literal(s.value) + ", " + literal(s.least_ms) + ", " + literal(s.most_ms);
}

template <typename Settings>
inline constexpr std::string_view kSettingsName = {};
template <>
inline constexpr std::string_view kSettingsName<TimerSettings> = "TimerSettings";
template <>
inline constexpr std::string_view kSettingsName<DelaySettings> = "DelaySettings";
template <>
inline constexpr std::string_view kSettingsName<QuietSettings> = "QuietSettings";
template <>
inline constexpr std::string_view kSettingsName<WindowSettings> = "WindowSettings";
template <>
inline constexpr std::string_view kSettingsName<ChannelSettings> = "ChannelSettings";
template <>
inline constexpr std::string_view kSettingsName<RequireSettings> = "RequireSettings";
template <>
inline constexpr std::string_view kSettingsName<TriggerSettings<int64_t>> = "TriggerSettings<std::int64_t>";
template <>
inline constexpr std::string_view kSettingsName<TriggerSettings<double>> = "TriggerSettings<double>";

// ---- the table

class Builder {
 public:
  explicit Builder(Family family) : family_(family) {}
  Builder& costly() {
    is_costly_ = true;
    return *this;
  }
  // `type` is what F is called in its header.
  template <typename F>
  Builder& add(std::string_view type) {
    using Of = Function<decltype(&F::operator())>;
    Emission emission{.type = type,
                      .family = family_,
                      .can_fail = Of::kCanFail,
                      .is_pure = Of::kPure,
                      .is_costly = std::exchange(is_costly_, false)};
    if constexpr (requires { typename F::Settings; }) {
      static_assert(!kSettingsName<typename F::Settings>.empty());
      emission.settings_type = kSettingsName<typename F::Settings>;
      emission.settings = [](const void* settings) {
        return fields(*static_cast<const typename F::Settings*>(settings));
      };
    }
    table_.emplace(internal::Loop<F, decltype(&F::operator())>::run_one, emission);
    return *this;
  }
  void into(Table& table) { table.merge(table_); }

 private:
  Family family_;
  bool is_costly_ = false;
  Table table_;
};

// Says a kernel once, as type and as text.
#define YARD_KERNEL(...) add<__VA_ARGS__>(#__VA_ARGS__)

void add_numbers(Table& table) {
  Builder convert(Family::kConvert);
  convert.YARD_KERNEL(ConvertLevel<bool, std::int64_t>).YARD_KERNEL(ConvertLevel<bool, double>);
  convert.YARD_KERNEL(ConvertLevel<std::int64_t, double>).YARD_KERNEL(ConvertLevel<std::int64_t, bool>);
  convert.YARD_KERNEL(ConvertLevel<double, bool>).YARD_KERNEL(ConvertLevel<double, std::int64_t>);
  convert.YARD_KERNEL(ConvertEvents<bool, std::int64_t>).YARD_KERNEL(ConvertEvents<bool, double>);
  convert.YARD_KERNEL(ConvertEvents<std::int64_t, double>).YARD_KERNEL(ConvertEvents<std::int64_t, bool>);
  convert.YARD_KERNEL(ConvertEvents<double, bool>).YARD_KERNEL(ConvertEvents<double, std::int64_t>);
  convert.into(table);
  Builder arithmetic(Family::kArithmetic);
  arithmetic.YARD_KERNEL(Sum<std::int64_t>).YARD_KERNEL(Sum<double>).YARD_KERNEL(SubtractInt);
  arithmetic.YARD_KERNEL(SubtractDouble).YARD_KERNEL(Product<std::int64_t>).YARD_KERNEL(Product<double>);
  arithmetic.YARD_KERNEL(DivideInt).YARD_KERNEL(DivideDouble).YARD_KERNEL(RemainderInt);
  arithmetic.costly().YARD_KERNEL(RemainderDouble).YARD_KERNEL(DivideFloor).YARD_KERNEL(NegateInt);
  arithmetic.YARD_KERNEL(NegateDouble).YARD_KERNEL(AbsoluteInt).YARD_KERNEL(AbsoluteDouble);
  arithmetic.YARD_KERNEL(Extreme<std::int64_t, true>).YARD_KERNEL(Extreme<double, true>);
  arithmetic.YARD_KERNEL(Extreme<std::int64_t, false>).YARD_KERNEL(Extreme<double, false>);
  arithmetic.YARD_KERNEL(Clamp<std::int64_t>).YARD_KERNEL(Clamp<double>).costly().YARD_KERNEL(Power);
  arithmetic.YARD_KERNEL(SquareRoot).costly().YARD_KERNEL(Floor).costly().YARD_KERNEL(Ceiling);
  arithmetic.costly().YARD_KERNEL(Round).YARD_KERNEL(ToInt64).YARD_KERNEL(ToDouble);
  arithmetic.into(table);
}

template <typename Compare>
void add_comparison(Builder& builder, std::string_view by_int, std::string_view by_double, std::string_view by_text) {
  builder.add<Comparison<int64_t, Compare>>(by_int).template add<Comparison<double, Compare>>(by_double);
  builder.add<TextComparison<DataType::kString, Compare>>(by_text);
}

// The same six ways for each way to compare, so the texts are made by the preprocessor.
#define YARD_COMPARISON(COMPARE)                                                                                    \
  add_comparison<COMPARE>(comparison, "Comparison<std::int64_t, " #COMPARE ">", "Comparison<double, " #COMPARE ">", \
                          "TextComparison<DataType::kString, " #COMPARE ">")
#define YARD_EQUALITY(COMPARE)                                       \
  comparison.YARD_KERNEL(Comparison<bool, COMPARE>);                 \
  comparison.YARD_KERNEL(TextComparison<DataType::kBytes, COMPARE>); \
  comparison.YARD_KERNEL(TextComparison<DataType::kJson, COMPARE>)

void add_truths(Table& table) {
  Builder comparison(Family::kComparison);
  YARD_COMPARISON(std::equal_to<>);
  YARD_COMPARISON(std::not_equal_to<>);
  YARD_COMPARISON(std::less<>);
  YARD_COMPARISON(std::less_equal<>);
  YARD_COMPARISON(std::greater<>);
  YARD_COMPARISON(std::greater_equal<>);
  YARD_EQUALITY(std::equal_to<>);
  YARD_EQUALITY(std::not_equal_to<>);
  comparison.into(table);
  Builder logic(Family::kLogic);
  logic.YARD_KERNEL(And).YARD_KERNEL(Or).YARD_KERNEL(Xor).YARD_KERNEL(Not).into(table);
  Builder select(Family::kSelect);
  select.YARD_KERNEL(Select<bool>).YARD_KERNEL(Select<std::int64_t>).YARD_KERNEL(Select<double>);
  select.YARD_KERNEL(SelectText<DataType::kString>).YARD_KERNEL(SelectText<DataType::kBytes>);
  select.YARD_KERNEL(SelectText<DataType::kJson>).YARD_KERNEL(Switch<bool>).YARD_KERNEL(Switch<std::int64_t>);
  select.YARD_KERNEL(Switch<double>).YARD_KERNEL(SwitchText<DataType::kString>);
  select.YARD_KERNEL(SwitchText<DataType::kBytes>).YARD_KERNEL(SwitchText<DataType::kJson>).into(table);
}

void add_states(Table& table) {
  Builder memory(Family::kMemory);
  memory.YARD_KERNEL(Latch<bool>).YARD_KERNEL(Latch<std::int64_t>).YARD_KERNEL(Latch<double>);
  memory.YARD_KERNEL(LatchText<DataType::kString>).YARD_KERNEL(LatchText<DataType::kBytes>);
  memory.YARD_KERNEL(LatchText<DataType::kJson>).YARD_KERNEL(SetReset);
  memory.YARD_KERNEL(Toggle<bool>).YARD_KERNEL(Toggle<std::int64_t>).YARD_KERNEL(Toggle<double>);
  memory.YARD_KERNEL(Counter<std::int64_t, std::int64_t>).YARD_KERNEL(Counter<double, std::int64_t>);
  memory.YARD_KERNEL(Counter<bool, std::int64_t>).YARD_KERNEL(Counter<std::int64_t, double>);
  memory.YARD_KERNEL(Counter<double, double>).YARD_KERNEL(Counter<bool, double>).into(table);
  Builder timing(Family::kTiming);
  timing.YARD_KERNEL(Timer<double>).YARD_KERNEL(Timer<std::int64_t>).YARD_KERNEL(Timer<bool>);
  timing.YARD_KERNEL(DeviceTrigger<std::int64_t>).YARD_KERNEL(DeviceTrigger<double>);
  timing.YARD_KERNEL(Delay<bool>).YARD_KERNEL(Delay<std::int64_t>).YARD_KERNEL(Delay<double>);
  timing.YARD_KERNEL(Debounce<bool>).YARD_KERNEL(Debounce<std::int64_t>).YARD_KERNEL(Debounce<double>);
  timing.YARD_KERNEL(Throttle<bool>).YARD_KERNEL(Throttle<std::int64_t>).YARD_KERNEL(Throttle<double>).into(table);
  Builder random(Family::kRandom);
  random.YARD_KERNEL(Random<double>).YARD_KERNEL(Random<std::int64_t>).into(table);
  Builder fold(Family::kFold);
  fold.YARD_KERNEL(Accumulate<std::int64_t>).YARD_KERNEL(Accumulate<double>).YARD_KERNEL(Window<PlusFold>);
  fold.YARD_KERNEL(Window<MeanFold>).YARD_KERNEL(Window<LeastFold>).YARD_KERNEL(Window<GreatestFold>).into(table);
}

void add_texts(Table& table) {
  Builder text(Family::kText);
  text.YARD_KERNEL(Concat).YARD_KERNEL(Length).YARD_KERNEL(Substring).YARD_KERNEL(Contains);
  text.YARD_KERNEL(ToText<bool>).YARD_KERNEL(ToText<std::int64_t>).YARD_KERNEL(ToText<double>);
  text.YARD_KERNEL(ParseNumber<std::int64_t>).YARD_KERNEL(ParseNumber<double>).into(table);
  Builder outside(Family::kOutside);
  outside.YARD_KERNEL(Leave<bool>).YARD_KERNEL(Leave<std::int64_t>).YARD_KERNEL(Leave<double>);
  outside.YARD_KERNEL(Leave<In<DataType::kString>>).YARD_KERNEL(Leave<In<DataType::kBytes>>);
  outside.YARD_KERNEL(Leave<In<DataType::kJson>>).YARD_KERNEL(Require).into(table);
}

#undef YARD_EQUALITY
#undef YARD_COMPARISON
#undef YARD_KERNEL

template <typename T>
void add_formula(Table& table) {
  using F = FormulaNode<T>;
  table.emplace(internal::Loop<F, decltype(&F::operator())>::run_one,
                Emission{.type = {}, .family = Family::kFormula, .is_costly = true, .is_formula = true});
}

Table make_table() {
  Table table;
  add_numbers(table);
  add_truths(table);
  add_states(table);
  add_texts(table);
  add_formula<bool>(table);
  add_formula<int64_t>(table);
  add_formula<double>(table);
  return table;
}

}  // namespace

// Looked up by the kernel itself: who registers another one under a known name is not given this one's text.
const Emission* find_emission(const Kernel& kernel) {
  static const Table table = make_table();
  const auto found = table.find(kernel.run_one);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace yard::graph::aot
