// The parser: a line of music, its bars and endings.
#include <algorithm>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

constexpr std::uint8_t kRepeatsMax = 8;

std::string written(const Fraction& fraction) {
  return std::to_string(fraction.numerator) + '/' + std::to_string(fraction.denominator);
}

}  // namespace

void Parser::read_music(std::size_t begin, std::size_t end) {
  at_ = begin;
  end_ = end;
  while (at_ < end_ && !full_) read_symbol();
}

// Takes at least one byte.
void Parser::read_symbol() {
  const char c = peek();
  const char next = peek(1);
  if (is_note_letter(c) || c == '^' || c == '_' || c == '=') return read_single_note();
  if (c == '.' && next != '\0' && std::string_view("|-()").find(next) != std::string_view::npos) ++at_;  // dotted ones
  switch (peek()) {
    case ' ':
    case '\t':
    case '`':                 // between the notes of a beam
    case '$': ++at_; return;  // where a score breaks its line
    case '%': return read_comment();
    case 'z':
    case 'x':
    case 'Z':
    case 'X': return read_rest();
    case '|':
    case ':': return read_bar();
    case '[':
      if (next == '|') return read_bar();
      if (is_digit(next)) {
        const std::size_t begin = at_;
        ++at_;
        return read_ending(begin);
      }
      return is_alpha(next) && peek(2) == ':' ? read_inline_field() : read_chord();
    case '(':
      if (next == '&') return read_overlay();
      return is_digit(next) ? read_tuplet() : read_slur();
    case ')': return read_slur();
    case '{': return read_grace();
    case '"': return read_quoted();
    case '!':
    case '+': return read_decoration(c);
    case '>':
    case '<': return read_broken_rhythm();
    case '-': return read_late_tie();
    case '&': return read_overlay();
    case 'y': return read_spacer();
    default: return read_short_decoration();
  }
}

void Parser::read_comment() {
  const std::size_t begin = at_;
  at_ = end_;
  put(here(begin), Comment{});
}

void Parser::read_spacer() {
  const std::size_t begin = at_;
  ++at_;
  static_cast<void>(read_natural());
  put(here(begin), Spacer{});
}

void Parser::read_slur() {
  const bool begins = peek() == '(';
  ++at_;
  put(here(at_ - 1), Slur{.begins = begins});
}

// Any mixture of colons and lines, read freely as ABC 2.1 (4.8) asks: colons before the lines end a repeat, colons
// after them begin one, and colons alone do both.
void Parser::read_bar() {
  const std::size_t begin = at_;
  std::size_t colons_before = 0;
  for (; peek() == ':'; ++at_) ++colons_before;
  std::size_t lines = 0;
  bool bracket = false;
  if (peek() == '[' && peek(1) == '|') {
    bracket = true;
    ++at_;
  }
  for (; peek() == '|'; ++at_) ++lines;
  if (lines > 0 && peek() == ']') {
    bracket = !bracket;  // "[|]" is an invisible line
    ++at_;
  }
  std::size_t colons_after = 0;
  if (lines > 0) {
    for (; peek() == ':'; ++at_) ++colons_after;
  } else {
    colons_after = colons_before - colons_before / 2;
    colons_before /= 2;
  }
  if (lines == 0 && colons_before == 0) return error(here(begin), "unexpected_character", "a ':' without a bar line");
  if (std::max(colons_before, colons_after) > kRepeatsMax) {
    warn(here(begin), "too_many_repeats", "no section is repeated more than " + std::to_string(kRepeatsMax) + " times");
  }
  const auto times = [](std::size_t colons) {
    return static_cast<std::uint8_t>(std::min<std::size_t>(colons, kRepeatsMax));
  };
  const Bar bar{
      .repeat_ends = times(colons_before), .repeat_starts = times(colons_after), .heavy = bracket || lines > 1};
  const Span span = here(begin);
  close_bar(span, bar);
  put(span, bar);
  while (peek() == ' ' && (peek(1) == ' ' || is_digit(peek(1)))) ++at_;
  if (is_digit(peek())) read_ending(at_);
}

// No bar is longer than the meter says, and none between two plain lines is shorter: repeats and pickups share one.
void Parser::close_bar(const Span& span, const Bar& bar) {
  VoiceState& state = voice_state();
  const bool plain = !bar.heavy && bar.repeat_ends == 0 && bar.repeat_starts == 0;
  const Fraction full = make_fraction(state.meter.numerator, state.meter.denominator);
  if (state.broken_pending) {
    error(state.broken_span, "broken_rhythm", "no note follows to make shorter or longer");
    state.broken_pending = false;
  }
  const bool longer = full < state.bar_time;
  const bool shorter = plain && state.bar_plain && state.bar_time != Fraction{} && state.bar_time < full;
  if (!state.meter.free && (longer || shorter)) {
    warn(span, longer ? "bar_too_long" : "bar_too_short",
         "the bar before this line lasts " + written(state.bar_time) + ", the meter says " + written(full));
  }
  state.bar_plain = plain;
  state.bar_time = Fraction{};
  state.last_timed.reset();
}

// "1", "1,3", "1-3": the cursor is at the digits.
void Parser::read_ending(std::size_t begin) {
  Ending ending;
  bool good = true;
  do {
    if (!ending.passes.empty()) ++at_;  // the comma
    const std::uint32_t first = read_natural();
    std::uint32_t last = first;
    if (peek() == '-' && is_digit(peek(1))) {
      ++at_;
      last = read_natural();
    }
    good = good && first >= 1 && first <= last && last <= kPassesMax;
    if (!good) continue;
    for (std::uint32_t pass = first; pass <= last && ending.passes.size() < kPassesMax; ++pass) {
      ending.passes.push_back(static_cast<std::uint8_t>(pass));
    }
  } while (good && peek() == ',' && is_digit(peek(1)));
  if (!good) error(here(begin), "bad_ending", "endings are numbered from 1 to " + std::to_string(kPassesMax));
  voice_state().bar_plain = false;  // the bar may share its time with the one before the repeat
  put(here(begin), std::move(ending));
}

}  // namespace yard::abc
