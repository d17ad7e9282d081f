#include "tools/abc/repeats.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace yard::abc {
namespace {

using Indices = std::vector<std::uint32_t>;

bool is_timed(const Element& element) {
  return std::holds_alternative<Note>(element.value) || std::holds_alternative<Chord>(element.value) ||
         std::holds_alternative<Rest>(element.value);
}

// Walks one stretch of a voice. `at_` only goes back with a higher pass, and passes are bounded, so that it ends.
class RepeatWalk {
 public:
  RepeatWalk(const Tune& tune, const Indices& stretch) : tune_(tune), stretch_(stretch) {}

  // False where `steps_left` ran out.
  bool run(Indices& order, std::size_t& steps_left) {
    while (at_ < stretch_.size()) {
      if (steps_left == 0) return false;
      --steps_left;
      const ElementValue& value = element(at_).value;
      if (const auto* bar = std::get_if<Bar>(&value)) {
        order.push_back(stretch_[at_]);
        meet_bar(*bar);
      } else if (const auto* ending = std::get_if<Ending>(&value); ending != nullptr && !ending->passes.empty()) {
        meet_ending(*ending);
      } else {
        order.push_back(stretch_[at_]);
        ++at_;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] const Element& element(std::size_t place) const { return tune_.body[stretch_[place]]; }

  void begin_section(std::size_t place, bool opened) {
    section_ = place;
    opened_ = opened;
    pass_ = 1;
    endings_known_ = false;
    in_ending_ = false;
  }

  void meet_bar(const Bar& bar) {
    const std::size_t after = at_ + 1;
    if (bar.repeat_ends > 0) {
      if (pass_ < passes(bar)) {
        ++pass_;
        in_ending_ = false;
        at_ = section_;
        return;
      }
      begin_section(after, bar.repeat_starts > 0);
    } else if (bar.repeat_starts > 0 || (bar.heavy && (in_ending_ || !opened_))) {
      begin_section(after, bar.repeat_starts > 0);
    }
    at_ = after;
  }

  [[nodiscard]] unsigned passes(const Bar& bar) {
    unsigned most = bar.repeat_ends + 1U;
    find_endings();
    for (const std::size_t place : endings_) {
      const auto& numbers = std::get<Ending>(element(place).value).passes;
      most = std::max<unsigned>(most, *std::ranges::max_element(numbers));
    }
    return most;
  }

  void meet_ending(const Ending& ending) {
    find_endings();
    if (std::ranges::find(endings_, at_) == endings_.end()) begin_unmarked_section();
    if (std::ranges::find(ending.passes, pass_) != ending.passes.end()) {
      in_ending_ = true;
      ++at_;
      return;
    }
    find_endings();
    const auto mine = std::ranges::find_if(endings_, [&](std::size_t place) {
      return place > at_ && std::ranges::find(std::get<Ending>(element(place).value).passes, pass_) !=
                                std::get<Ending>(element(place).value).passes.end();
    });
    if (mine != endings_.end()) {
      at_ = *mine;
    } else if (pass_ == 1) {
      in_ending_ = true;  // a lone second ending: there is nothing else to play
      ++at_;
    } else {
      skip_ending();
    }
  }

  // Past an ending that has no successor, up to the line that closes it.
  void skip_ending() {
    for (++at_; at_ < stretch_.size(); ++at_) {
      const auto* bar = std::get_if<Bar>(&element(at_).value);
      if (bar != nullptr && (bar->heavy || bar->repeat_ends > 0 || bar->repeat_starts > 0)) return;
    }
  }

  // "|1 … :|2 … | … |1": the endings begin anew although nothing closed the last one. It is taken to last a bar.
  void begin_unmarked_section() {
    std::size_t begin = at_;
    if (!endings_.empty()) {
      for (std::size_t place = endings_.back(); place < at_; ++place) {
        if (!std::holds_alternative<Bar>(element(place).value)) continue;
        begin = place + 1;
        break;
      }
    }
    begin_section(begin, false);
  }

  // The endings of the section: those that follow one another, no number twice.
  void find_endings() {
    if (endings_known_) return;
    endings_known_ = true;
    endings_.clear();
    std::vector<std::uint8_t> seen;
    for (std::size_t place = section_; place < stretch_.size(); ++place) {
      const ElementValue& value = element(place).value;
      if (const auto* bar = std::get_if<Bar>(&value)) {
        if (closes_section(*bar, place)) return;
      } else if (const auto* ending = std::get_if<Ending>(&value); ending != nullptr && !ending->passes.empty()) {
        const bool again = std::ranges::any_of(
            ending->passes, [&](std::uint8_t pass) { return std::ranges::find(seen, pass) != seen.end(); });
        if (again) return;
        seen.insert(seen.end(), ending->passes.begin(), ending->passes.end());
        endings_.push_back(place);
      }
    }
  }

  [[nodiscard]] bool closes_section(const Bar& bar, std::size_t place) const {
    const bool repeats = bar.repeat_ends > 0 || bar.repeat_starts > 0;
    const bool double_bar = bar.heavy && (!opened_ || !endings_.empty());
    return (repeats || double_bar) && !ending_follows(place);
  }

  [[nodiscard]] bool ending_follows(std::size_t place) const {
    for (++place; place < stretch_.size(); ++place) {
      if (std::holds_alternative<Ending>(element(place).value)) return true;
      if (is_timed(element(place)) || std::holds_alternative<Bar>(element(place).value)) return false;
    }
    return false;
  }

  const Tune& tune_;
  const Indices& stretch_;
  std::size_t at_ = 0;
  std::size_t section_ = 0;  // where a repeat goes back to
  bool opened_ = false;      // by "|:", so that double bars within don't count
  bool in_ending_ = false;
  unsigned pass_ = 1;
  bool endings_known_ = false;
  std::vector<std::size_t> endings_;
};

// "A2(BC)3.D" as "AABCBCBCD"; what is neither is passed over. Nesting as deep as the text: an explicit stack.
std::string written_out(std::string_view parts) {
  std::vector<std::string> open(1);
  std::string last;  // what a number repeats
  std::size_t total = 0;
  const auto append = [&](const std::string& text) {
    if (total + text.size() > kPartsMax) return;
    total += text.size();
    open.back() += text;
  };
  for (const char c : parts) {
    if (c >= 'A' && c <= 'Z') {
      append(last = std::string(1, c));
    } else if (c >= '1' && c <= '9') {
      for (char i = '1'; i < c; ++i) append(last);
    } else if (c == '(') {
      open.emplace_back();
    } else if (c == ')' && open.size() > 1) {
      last = std::move(open.back());
      open.pop_back();
      open.back() += last;
    }
  }
  std::string all;
  for (const std::string& text : open) all += text;
  return all;
}

}  // namespace

Result<std::vector<std::uint32_t>> playing_order(const Tune& tune, std::uint16_t voice, std::size_t& steps_max) {
  const std::string parts = written_out(tune.parts);
  // What comes before the first label is stretch 0; without P: in the header all of it is.
  std::vector<Indices> stretches(27);
  std::size_t stretch = 0;
  for (std::size_t i = 0; i < tune.body.size(); ++i) {
    const auto* label = std::get_if<PartLabel>(&tune.body[i].value);
    if (label != nullptr && !parts.empty() && !label->label.empty() && label->label[0] >= 'A' &&
        label->label[0] <= 'Z') {
      stretch = static_cast<std::size_t>(label->label[0] - 'A') + 1;
    }
    if (tune.body[i].voice == voice) stretches[stretch].push_back(static_cast<std::uint32_t>(i));
  }
  Indices order;
  bool complete = RepeatWalk(tune, stretches[0]).run(order, steps_max);
  for (const char part : parts) {
    if (complete)
      complete = RepeatWalk(tune, stretches[static_cast<std::size_t>(part - 'A') + 1]).run(order, steps_max);
  }
  if (!complete) {
    return fail(ErrorCode::kTooLarge,
                "the tune's repeats take more than " + std::to_string(kPlayStepsMax) + " steps to play");
  }
  return order;
}

}  // namespace yard::abc
