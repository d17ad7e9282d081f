// A graph that runs by itself: its state as plain arrays, waves, logical time, effects.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "engine/aot/runtime/descriptors.h"
#include "engine/aot/runtime/step.h"

namespace yard::graph::generated {

// A value that left the graph.
struct Effect {
  std::uint64_t event_id = 0;  // of the node's run that let it out
  std::uint32_t node = 0;      // its handle
  std::string_view channel;
  DataType type = DataType::kDouble;
  std::uint64_t bits = 0;  // of a bool, int64 or double: Cell::from_bits
  std::string text;        // of the other types
};

// Something that a node said must hold does not.
struct Breach {
  std::uint64_t event_id = 0;
  std::uint32_t node = 0;
  std::string_view message;
  bool rolled_back = false;
};

// `Graph` is what a generated file says of its graph. Every output is kept up to date.
//
// Threads: one at a time.
template <typename Graph>
class Machine {
 public:
  // Everything that goes on, in the order of the engine's image: copying these copies the graph's state.
  struct State {
    std::uint64_t values[Graph::kCells + 1];
    Mark marks[Graph::kCells + 1];
    std::uint64_t words[Graph::kStateWords + 1];
    std::vector<std::string> texts;
    std::vector<std::string> text_states;
    std::map<std::uint32_t, Fault> faults;                          // by cell
    std::int64_t wake_at[Graph::kSleepers + 1];                     // by place in Graph::sleepers(); kNever
    std::vector<std::pair<std::int64_t, std::uint32_t>> wake_heap;  // what was replaced stays until it comes up
    std::vector<std::vector<std::uint64_t>> events;                 // as Graph::kEventCells; of one wave
  };
  std::int64_t now_ns = 0;
  std::uint64_t next_event_id = 0;
  std::vector<Effect> effects;  // in the order of their nodes' runs; the host clears them
  std::vector<Breach> breaches;
  std::uint64_t restless_cycles = 0;

  Machine() : host_{make_host()} { reset(); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // As at the beginning; what runs first runs with the next step().
  void reset() {
    now_ns = 0;
    next_event_id = 0;
    effects.clear();
    breaches.clear();
    check_point_.reset();
    begin();
  }

  // Sets a source, or gives it an event, by the handle of its output. Takes effect with the next step(). False: there
  // is no such source, or it is of another type; whole numbers go into doubles, and whole doubles into int64.
  bool set_input(std::uint32_t handle, bool value) { return set_bits(handle, DataType::kBool, Cell(value).bits()); }
  bool set_input(std::uint32_t handle, std::int64_t value) {
    if (is_source(handle) && Graph::ports()[handle].dtype == DataType::kDouble)
      return set_bits(handle, DataType::kDouble, Cell(static_cast<double>(value)).bits());
    return set_bits(handle, DataType::kInt64, Cell(value).bits());
  }
  bool set_input(std::uint32_t handle, double value) {
    const bool is_whole = value >= -0x1p63 && value < 0x1p63 && value == std::trunc(value);
    if (is_whole && is_source(handle) && Graph::ports()[handle].dtype == DataType::kInt64)
      return set_bits(handle, DataType::kInt64, Cell(static_cast<std::int64_t>(value)).bits());
    return set_bits(handle, DataType::kDouble, Cell(value).bits());
  }
  bool set_input(std::uint32_t handle, std::string_view text) {
    if (!is_source(handle) || Graph::ports()[handle].dtype < DataType::kString) return false;
    set(Graph::ports()[handle].cell, text);
    return true;
  }
  // A port's value as a number: false is 0; NaN where it holds a fault or a text, or where there is no such port.
  [[nodiscard]] double output(std::uint32_t handle) const {
    if (handle >= Graph::ports().size()) return std::numeric_limits<double>::quiet_NaN();
    const PortDesc port = Graph::ports()[handle];
    const Cell cell = Cell::from_bits(bits(port.cell));
    if (port.dtype >= DataType::kString || fault(port.cell) != nullptr) return std::numeric_limits<double>::quiet_NaN();
    return port.dtype == DataType::kDouble  ? cell.get<double>()
           : port.dtype == DataType::kInt64 ? static_cast<double>(cell.get<std::int64_t>())
                                            : static_cast<double>(cell.get<bool>());
  }

  // The same by cells. Sets a source's cell, or adds an event to one for events. Takes effect with the next step().
  void set(std::uint32_t cell, std::uint64_t bits) {
    if (std::exchange(state_->values[cell], bits) != bits) touch(cell);
  }
  void set(std::uint32_t cell, std::string_view text) {
    if (put_text(this, cell, bytes_of(text))) touch(cell);
  }
  void emit(std::uint32_t cell, std::uint64_t bits) {
    emit(this, cell, bits);
    touch(cell);
  }
  // Runs until all is at rest. Returns how many nodes ran.
  std::uint64_t step() { return go_on(now_ns); }
  // The same, and lets time go on. Units: nanoseconds of logical time, not negative.
  std::uint64_t tick(std::int64_t ns) {
    step();
    return go_on(now_ns + ns);
  }

  [[nodiscard]] std::uint64_t bits(std::uint32_t cell) const { return state_->values[cell]; }
  [[nodiscard]] std::string_view text(std::uint32_t cell) const { return state_->texts[state_->values[cell]]; }
  // nullptr: the cell has a value.
  [[nodiscard]] const Fault* fault(std::uint32_t cell) const {
    const auto found = state_->faults.find(cell);
    return found == state_->faults.end() ? nullptr : &found->second;
  }

  // What a broken invariant goes back to, and what roll_back() does.
  void check_point() { check_point_ = std::make_unique<State>(*state_); }
  void roll_back() {
    if (check_point_)
      *state_ = *check_point_;
    else
      begin();
  }

  // At rest only, both.
  [[nodiscard]] const State& state() const { return *state_; }
  void load(const State& state, std::int64_t at_ns, std::uint64_t event_id) {
    *state_ = state;
    now_ns = at_ns;
    next_event_id = event_id;
    is_first_ = false;
    std::fill(std::begin(dirty_), std::end(dirty_), 0);
    touched_cells_.clear();
  }
  // A state of the graph's size before anything ran.
  static std::unique_ptr<State> make_state() {
    auto state = std::make_unique<State>();
    std::fill(std::begin(state->wake_at), std::end(state->wake_at), kNever);
    for (const Word& word : Graph::initial_values()) state->values[word.at] = word.bits;
    for (const Word& word : Graph::initial_state()) state->words[word.at] = word.bits;
    state->texts.resize(Graph::kTexts);
    for (const TextAt& text : Graph::initial_texts()) state->texts[text.at] = text.text;
    state->text_states.resize(Graph::kTextStates);
    for (const std::uint32_t cell : Graph::event_cells()) state->marks[cell] = kEvent;
    state->events.resize(Graph::event_cells().size());
    return state;
  }

 private:
  static bool is_source(std::uint32_t handle) {
    return handle < Graph::ports().size() && Graph::ports()[handle].is_source;
  }
  bool set_bits(std::uint32_t handle, DataType type, std::uint64_t bits) {
    if (!is_source(handle) || Graph::ports()[handle].dtype != type) return false;
    const PortDesc port = Graph::ports()[handle];
    port.is_event ? emit(port.cell, bits) : set(port.cell, bits);
    return true;
  }

  static constexpr std::uint32_t kChunks = Graph::kChunks;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  void begin() {
    state_ = make_state();
    for (Mark& mark : state_->marks) mark = mark | kChanged;
    std::fill(std::begin(dirty_), std::end(dirty_), ~std::uint64_t{0});
    for (const Sleeper& sleeper : Graph::sleepers())
      if (!sleeper.has_inputs) state_->marks[sleeper.cell] = state_->marks[sleeper.cell] | kForced;
    is_first_ = has_work_ = true;
    touched_cells_.clear();
  }

  void touch(std::uint32_t cell) {
    state_->marks[cell] = state_->marks[cell] | kChanged;
    touched_cells_.push_back(cell);
    has_work_ = true;
    const auto sources = Graph::sources();
    const auto source = std::lower_bound(sources.begin(), sources.end(), cell,
                                         [](const SourceCell& left, std::uint32_t right) { return left.cell < right; });
    for (std::uint32_t i = source->first; i < source->end; ++i) mark_dirty(Graph::source_readers()[i]);
  }
  void mark_dirty(std::uint32_t chunk) { dirty_[chunk / 64] |= std::uint64_t{1} << chunk % 64; }
  static std::uint32_t chunk_of(std::uint32_t node) {
    const auto chunks = Graph::chunks();
    return static_cast<std::uint32_t>(
               std::upper_bound(chunks.begin(), chunks.end(), node,
                                [](std::uint32_t left, const Chunk& right) { return left < right.first_node; }) -
               chunks.begin()) -
           1;
  }

  // To the next that wants to be woken, again and again, until `target`.
  std::uint64_t go_on(std::int64_t target) {
    std::uint64_t ran = 0;
    while (has_work_ || now_ns != target || next_wake() <= now_ns) {
      if (!has_work_) {
        now_ns = std::max(now_ns, std::min(next_wake(), target));
        wake_due();
      }
      if (has_work_) ran += wave();
    }
    return ran;
  }
  [[nodiscard]] std::int64_t next_wake() {
    State& s = *state_;
    while (!s.wake_heap.empty() && s.wake_at[s.wake_heap.front().second] != s.wake_heap.front().first) drop_wake();
    return s.wake_heap.empty() ? kNever : s.wake_heap.front().first;
  }
  void drop_wake() {
    std::pop_heap(state_->wake_heap.begin(), state_->wake_heap.end(), std::greater<>());
    state_->wake_heap.pop_back();
  }
  void wake_due() {
    while (next_wake() <= now_ns) {
      const std::uint32_t place = state_->wake_heap.front().second;
      const Sleeper& sleeper = Graph::sleepers()[place];
      drop_wake();
      state_->wake_at[place] = kNever;
      state_->marks[sleeper.cell] = state_->marks[sleeper.cell] | kForced;
      mark_dirty(chunk_of(sleeper.node));
      has_work_ = true;
    }
  }

  std::uint32_t wave() {
    has_work_ = rolls_back_ = false;
    effects_before_ = effects.size();
    columns_ = {state_->values, state_->marks, state_->words, &host_, now_ns, 0};
    for (std::uint32_t word = 0; word < kWords; ++word) run_chunks(word);
    const std::uint32_t ran = columns_.ran;
    next_event_id += ran;
    const bool was_first = std::exchange(is_first_, false);
    if (rolls_back_ && !was_first) {
      effects.resize(effects_before_);
      settle(false);
      roll_back();
    } else {
      settle(was_first);
    }
    return ran;
  }
  void run_chunks(std::uint32_t word) {
    constexpr std::uint32_t kLast = kChunks - 1;
    while (dirty_[word] != 0) {
      const std::uint32_t number = word * 64 + static_cast<std::uint32_t>(std::countr_zero(dirty_[word]));
      dirty_[word] &= dirty_[word] - 1;
      if (number > kLast) continue;
      if (!Graph::chunks()[number].run(columns_)) continue;
      changed_chunks_.push_back(number);
      for (const std::uint32_t reader : Graph::chunk_readers(number)) mark_dirty(reader);
    }
  }
  // Nothing is changed any more.
  void settle(bool all) {
    if (all) unmark(0, Graph::kCells);
    for (const std::uint32_t number : changed_chunks_)
      unmark(Graph::chunks()[number].first_cell, Graph::chunks()[number].end_cell);
    for (const std::uint32_t cell : touched_cells_) unmark(cell, cell + 1);
    for (const std::uint32_t place : emitted_) state_->events[place].clear();
    changed_chunks_.clear();
    touched_cells_.clear();
    emitted_.clear();
  }
  void unmark(std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t cell = first; cell < end; ++cell) state_->marks[cell] = without(state_->marks[cell], kChanged);
  }

  // ---- what kernels ask for

  static Machine& of(void* self) { return *static_cast<Machine*>(self); }
  Host make_host() {
    return {this,     wake,     effect,     breach,         restless,  events,     emit,
            get_text, put_text, text_state, put_text_state, put_fault, copy_fault, clear_fault};
  }
  static void wake(void* self, std::uint32_t node, std::int64_t at_ns) {
    State& s = *of(self).state_;
    const auto sleepers = Graph::sleepers();
    const auto sleeper = std::lower_bound(sleepers.begin(), sleepers.end(), node,
                                          [](const Sleeper& left, std::uint32_t right) { return left.node < right; });
    const auto place = static_cast<std::uint32_t>(sleeper - sleepers.begin());
    if (s.wake_at[place] == at_ns) return;
    s.wake_at[place] = at_ns;
    s.wake_heap.emplace_back(at_ns, place);
    std::push_heap(s.wake_heap.begin(), s.wake_heap.end(), std::greater<>());
  }
  static void effect(void* self, std::uint32_t node, Bytes channel, std::uint8_t type, std::uint32_t cell) {
    Machine& m = of(self);
    const auto data_type = static_cast<DataType>(type);
    const bool is_text = data_type >= DataType::kString;
    m.effects.push_back({m.next_event_id + m.columns_.ran,
                         Graph::handle_of(node),
                         {channel.data, channel.size},
                         data_type,
                         is_text ? 0 : m.bits(cell),
                         is_text ? std::string(m.text(cell)) : std::string()});
  }
  static void breach(void* self, std::uint32_t node, Bytes message, bool roll_back) {
    Machine& m = of(self);
    m.breaches.push_back({m.next_event_id + m.columns_.ran,
                          Graph::handle_of(node),
                          {message.data, message.size},
                          roll_back && !m.is_first_});
    m.rolls_back_ = m.rolls_back_ || roll_back;
  }
  static void restless(void* self, std::uint32_t) { ++of(self).restless_cycles; }
  static std::uint32_t event_place(std::uint32_t cell) {
    const auto cells = Graph::event_cells();
    return static_cast<std::uint32_t>(std::lower_bound(cells.begin(), cells.end(), cell) - cells.begin());
  }
  static Words events(void* self, std::uint32_t cell) {
    const std::vector<std::uint64_t>& queue = of(self).state_->events[event_place(cell)];
    return {queue.data(), queue.size()};
  }
  static void emit(void* self, std::uint32_t cell, std::uint64_t bits) {
    Machine& m = of(self);
    const std::uint32_t place = event_place(cell);
    m.emitted_.push_back(place);
    m.state_->events[place].push_back(bits);
    if ((m.state_->marks[cell] & kFaulty) != 0) clear_fault(self, cell);
    m.state_->values[cell] = bits;
    m.state_->marks[cell] = m.state_->marks[cell] | kChanged;
  }
  static Bytes get_text(void* self, std::uint32_t cell) { return bytes_of(of(self).text(cell)); }
  static bool put_text(void* self, std::uint32_t cell, Bytes text) {
    Machine& m = of(self);
    const bool was_faulty = (m.state_->marks[cell] & kFaulty) != 0;
    if (was_faulty) clear_fault(self, cell);
    const std::string_view view(text.data, text.size);
    std::string& place = m.state_->texts[m.state_->values[cell]];
    if (!was_faulty && place == view) return false;
    place = view;
    m.state_->marks[cell] = m.state_->marks[cell] | kChanged;
    return true;
  }
  static Bytes text_state(void* self, std::uint32_t place) { return bytes_of(of(self).state_->text_states[place]); }
  static void put_text_state(void* self, std::uint32_t place, Bytes text) {
    std::string& held = of(self).state_->text_states[place];
    if (const std::string_view view(text.data, text.size); held != view) held = view;
  }
  static bool put_fault(void* self, std::uint32_t cell, std::uint8_t code, Bytes text) {
    Machine& m = of(self);
    const Fault fault{static_cast<FaultCode>(code), std::string(text.data, text.size)};
    const bool was_faulty = (m.state_->marks[cell] & kFaulty) != 0;
    Fault& place = m.state_->faults[cell];
    const bool changed = !was_faulty || place.code != fault.code || place.text != fault.text;
    place = fault;
    m.state_->marks[cell] = m.state_->marks[cell] | kFaulty | (changed ? kChanged : Mark{});
    return changed;
  }
  static bool copy_fault(void* self, std::uint32_t from, std::uint32_t to) {
    const Fault fault = of(self).state_->faults[from];
    return put_fault(self, to, static_cast<std::uint8_t>(fault.code), bytes_of(fault.text));
  }
  static void clear_fault(void* self, std::uint32_t cell) {
    Machine& m = of(self);
    m.state_->faults.erase(cell);
    m.state_->marks[cell] = without(m.state_->marks[cell], kFaulty);
  }

  static constexpr std::uint32_t kWords = kChunks / 64 + 1;

  Host host_;
  Columns columns_{};
  std::unique_ptr<State> state_;
  std::unique_ptr<State> check_point_;
  std::uint64_t dirty_[kWords] = {};  // a bit a chunk that has to be gone through
  std::vector<std::uint32_t> changed_chunks_;
  std::vector<std::uint32_t> touched_cells_;
  std::vector<std::uint32_t> emitted_;  // places in State::events
  std::size_t effects_before_ = 0;
  bool has_work_ = false;
  bool is_first_ = true;
  bool rolls_back_ = false;
};

}  // namespace yard::graph::generated
