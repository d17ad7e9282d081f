// The parser: everything in a line of music that is no note.
#include <algorithm>
#include <array>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

constexpr std::size_t kDecorationBytesMax = 40;

struct ShortDecoration {
  char mark;
  std::string_view name;
};

// ABC 2.1, section 4.14.
constexpr std::array<ShortDecoration, 11> kShortDecorations = {{{'.', "staccato"},
                                                                {'~', "roll"},
                                                                {'H', "fermata"},
                                                                {'L', "accent"},
                                                                {'M', "lowermordent"},
                                                                {'O', "coda"},
                                                                {'P', "uppermordent"},
                                                                {'S', "segno"},
                                                                {'T', "trill"},
                                                                {'u', "upbow"},
                                                                {'v', "downbow"}}};

bool is_user_symbol(char c) { return c == '~' || (c >= 'H' && c <= 'W') || (c >= 'h' && c <= 'w'); }

bool is_chord_start(char c) { return is_note_letter(c) || std::string_view("^_=\"!+(.~uvTHLMPSO]").find(c) != std::string_view::npos; }

// What a tuplet of p notes takes the time of, where it isn't written.
std::uint32_t default_q(std::uint32_t p, const Meter& meter) {
  switch (p) {
    case 2:
    case 4:
    case 8: return 3;
    case 3:
    case 6: return 2;
    default: break;
  }
  const bool compound = !meter.free && meter.denominator == 8 && meter.numerator % 3 == 0 && meter.numerator > 3;
  return compound ? 3 : 2;
}

}  // namespace

void Parser::read_music(std::size_t begin, std::size_t end) {
  at_ = begin;
  end_ = end;
  while (at_ < end_ && !full_) read_symbol();
}

void Parser::read_symbol() {
  const std::size_t begin = at_;
  const char c = peek();
  if (is_note_letter(c)) return read_single_note();
  switch (c) {
    case ' ':
    case '\t':
    case '`':  // may stand between beamed notes
    case '$':  // a break of the printed line
    case '*': ++at_; return;
    case '^':
    case '_':
    case '=': return read_single_note();
    case 'z':
    case 'x':
    case 'Z':
    case 'X': return read_rest();
    case 'y':
      ++at_;
      static_cast<void>(read_length());
      return put(here(begin), Spacer{});
    case '|': return read_bar();
    case ':': return read_bar();
    case '[':
      if (peek(1) == '|' || peek(1) == ']') return read_bar();
      if (is_digit(peek(1))) {
        ++at_;
        return read_ending(begin);
      }
      if (is_alpha(peek(1)) && peek(2) == ':') return read_inline_field();
      if (is_chord_start(peek(1)) || peek(1) == ' ') return read_chord();
      return read_unexpected();
    case '{': return read_grace();
    case '(':
      if (is_digit(peek(1))) return read_tuplet();
      if (peek(1) == '&') return read_overlay();
      ++at_;
      return put(here(begin), Slur{.begins = true});
    case ')': ++at_; return put(here(begin), Slur{.begins = false});
    case '-': return read_late_tie();
    case '>':
    case '<': return read_broken_rhythm();
    case '&': return read_overlay();
    case '"': return read_quoted();
    case '!':
    case '+': return read_decoration(c);
    case '.':
      if (peek(1) == '|' || peek(1) == '-' || peek(1) == '(' || peek(1) == ')') {  // dotted line, tie, slur
        ++at_;
        return;
      }
      return read_short_decoration();
    case '%':
      at_ = end_;
      return put(here(begin), Comment{});
    case '\\':
      // The line goes on in the next one; nothing of the music ends with its line anyway.
      ++at_;
      if (!trimmed(without_comment(text_.substr(at_, end_ - at_))).empty()) {
        warn(here(begin), "stray_backslash", "a backslash has a meaning only at the end of a line");
      }
      return;
    default: break;
  }
  if (is_user_symbol(c)) return read_short_decoration();
  read_unexpected();
}

// Any sequence of | : [ ] that makes a bar line, then perhaps the numbers of an ending.
void Parser::read_bar() {
  const std::size_t begin = at_;
  Bar bar;
  std::uint32_t colons_before = 0;
  std::uint32_t colons_after = 0;
  std::uint32_t lines = 0;
  for (;; ++at_) {
    const char c = peek();
    if (c == ':') {
      ++(lines == 0 ? colons_before : colons_after);
    } else if (c == '|') {
      ++lines;
      bar.heavy = bar.heavy || lines > 1;
      colons_after = 0;
    } else if (c == '[' && (peek(1) == '|' || peek(1) == ']')) {
      bar.heavy = true;
    } else if (c == ']' && at_ > begin && (text_[at_ - 1] == '|' || text_[at_ - 1] == '[')) {
      bar.heavy = true;
      lines += 1;
    } else {
      break;
    }
  }
  if (lines == 0 && colons_before >= 2) {  // "::"
    colons_after = colons_before / 2;
    colons_before = colons_after;
  } else if (lines == 0) {
    error(here(begin), "unexpected_character", "a colon here is no bar line");
    return;
  }
  bar.repeat_ends = static_cast<std::uint8_t>(std::min(colons_before, kPassesMax));
  bar.repeat_starts = static_cast<std::uint8_t>(std::min(colons_after, kPassesMax));
  const Span span = here(begin);
  close_bar(span, bar);
  put(span, bar);
  std::size_t spaces = 0;
  while (peek(spaces) == ' ') ++spaces;
  if (is_digit(peek(spaces))) {
    at_ += spaces;
    read_ending(at_);
  }
}

// Checks the length of the bar that ends here and begins a new one.
void Parser::close_bar(const Span& span, const Bar& bar) {
  VoiceState& state = voice_state();
  if (state.broken_pending) {
    error(state.broken_span, "broken_rhythm", "no note follows to make shorter or longer");
    state.broken_pending = false;
  }
  state.last_timed.reset();
  const bool plain = !bar.heavy && bar.repeat_ends == 0 && bar.repeat_starts == 0;
  const Fraction full = make_fraction(state.meter.numerator, state.meter.denominator);
  if (!state.meter.free && state.bar_time != Fraction{} && state.bar_time != full) {
    const bool longer = full < state.bar_time;
    if (longer || (plain && state.bar_plain)) {
      const auto written = [](const Fraction& f) {
        return std::to_string(f.numerator) + "/" + std::to_string(f.denominator);
      };
      warn(span, longer ? "bar_too_long" : "bar_too_short",
           "the bar before this line lasts " + written(state.bar_time) + ", the meter asks for " + written(full));
    }
  }
  state.bar_plain = plain;
  state.bar_time = {};
}

// The cursor is at the first digit: "1", "1,3", "1-3". `begin` is where the element begins.
void Parser::read_ending(std::size_t begin) {
  Ending ending;
  for (;;) {
    const std::uint32_t first = read_natural();
    std::uint32_t last = first;
    if (peek() == '-' && is_digit(peek(1))) {
      ++at_;
      last = read_natural();
    }
    if (first == 0 || last < first || last > kPassesMax) {
      error(here(begin), "bad_ending", "endings are numbered 1 to " + std::to_string(kPassesMax));
      return;
    }
    for (std::uint32_t pass = first; pass <= last && ending.passes.size() < kPassesMax; ++pass) {
      ending.passes.push_back(static_cast<std::uint8_t>(pass));
    }
    if (peek() != ',' || !is_digit(peek(1))) break;
    ++at_;
  }
  // Endings differ in what may be short: the bar begins anew without a promise.
  voice_state().bar_plain = false;
  put(here(begin), std::move(ending));
}

void Parser::read_tuplet() {
  const std::size_t begin = at_;
  ++at_;
  Tuplet tuplet;
  tuplet.p = read_natural();
  tuplet.q = default_q(tuplet.p, voice_state().meter);
  tuplet.r = tuplet.p;
  if (peek() == ':') {
    ++at_;
    if (is_digit(peek())) tuplet.q = read_natural();
    if (peek() == ':') {
      ++at_;
      if (is_digit(peek())) tuplet.r = read_natural();
    }
  }
  const auto in_range = [](std::uint32_t part) { return part >= 1 && part <= kTupletPartMax; };
  if (!in_range(tuplet.p) || !in_range(tuplet.q) || !in_range(tuplet.r)) {
    error(here(begin), "bad_tuplet", "a tuplet's numbers go from 1 to " + std::to_string(kTupletPartMax));
    return;
  }
  VoiceState& state = voice_state();
  if (state.tuplet_left > 0) warn(here(begin), "nested_tuplet", "the tuplet before lacks notes; tuplets don't nest");
  state.tuplet = make_fraction(tuplet.q, tuplet.p);
  state.tuplet_left = tuplet.r;
  put(here(begin), tuplet);
}

// "Am7" is a chord symbol, "^text" an annotation.
void Parser::read_quoted() {
  const std::size_t begin = at_;
  std::size_t close = at_ + 1;
  while (close < end_ && text_[close] != '"') close += text_[close] == '\\' && close + 1 < end_ ? 2 : 1;
  if (close >= end_) {
    at_ = end_;
    error(here(begin), "unclosed_quote", "the text in quotes doesn't end on its line");
    return;
  }
  const std::string_view content = text_.substr(begin + 1, close - begin - 1);
  at_ = close + 1;
  if (!content.empty() && std::string_view("^_<>@").find(content.front()) != std::string_view::npos) {
    return put(here(begin), Annotation{.placement = content.front(), .text = std::string(content.substr(1))});
  }
  put(here(begin), ChordSymbol{.text = std::string(content)});
}

// !trill!, or +trill+ of older texts. A lone ! was a line break once.
void Parser::read_decoration(char mark) {
  const std::size_t begin = at_;
  const std::string_view rest = text_.substr(at_ + 1, std::min(end_ - at_ - 1, kDecorationBytesMax));
  const std::size_t close = rest.find(mark);
  const std::string_view name = rest.substr(0, std::min(close, rest.size()));
  if (close == std::string_view::npos || name.empty() || name.find_first_of(" |[]") != std::string_view::npos) {
    ++at_;
    if (mark == '+') return error(here(begin), "unexpected_character", "a + alone has no meaning");
    return warn(here(begin), "unclosed_decoration", "a ! without its partner is taken as an old line break");
  }
  at_ += close + 2;
  put(here(begin), Decoration{.name = std::string(name)});
}

void Parser::read_short_decoration() {
  const std::size_t begin = at_;
  const char mark = peek();
  const auto own = std::ranges::find(user_symbols_, mark, &std::pair<char, std::string>::first);
  if (own != user_symbols_.end()) {
    ++at_;
    return put(here(begin), Decoration{.name = own->second});
  }
  const auto known = std::ranges::find(kShortDecorations, mark, &ShortDecoration::mark);
  if (known == kShortDecorations.end()) return read_unexpected();
  ++at_;
  put(here(begin), Decoration{.name = std::string(known->name)});
}

void Parser::read_inline_field() {
  const std::size_t begin = at_;
  const std::size_t close = std::min(text_.find(']', begin), text_.size());
  const char letter = peek(1);
  if (close >= end_) {
    at_ = end_;
    error(here(begin), "unclosed_field", "the field in brackets has no ]");
    return;
  }
  at_ = close + 1;
  const Span span = here(begin);
  if (std::string_view("IKLMmNPQRrUVT").find(letter) == std::string_view::npos) {
    warn(span, "misplaced_field", std::string("the field ") + letter + ": may not stand within music");
    return put(span, Field{.letter = letter, .value = std::string(trimmed(text_.substr(begin + 3, close - begin - 3)))});
  }
  const std::string_view value = trimmed(text_.substr(begin + 3, close - begin - 3));
  const std::size_t value_begin = value.empty() ? begin + 3 : static_cast<std::size_t>(value.data() - text_.data());
  body_field(letter, span, value_begin, value_begin + value.size());
}

// A tie that stands apart from its note.
void Parser::read_late_tie() {
  const std::size_t begin = at_;
  ++at_;
  const auto last = voice_state().last_timed;
  if (!last || std::holds_alternative<Rest>(tune_.body[*last].value)) {
    return warn(here(begin), "stray_tie", "no note before to tie");
  }
  ElementValue& value = tune_.body[*last].value;
  if (auto* note = std::get_if<Note>(&value)) note->tied = true;
  if (auto* chord = std::get_if<Chord>(&value)) {
    for (Note& note : chord->notes) note.tied = true;
  }
}

void Parser::read_overlay() {
  const std::size_t begin = at_;
  if (peek() == '(') {
    at_ += 2;
    return warn(here(begin), "overlay_not_supported", "overlays over several bars are not supported; write & in each");
  }
  ++at_;
  if (peek() == ')') {
    ++at_;
    return;
  }
  VoiceState& state = voice_state();
  state.bar_time = {};
  state.last_timed.reset();
  put(here(begin), Overlay{});
}

// One diagnostic for a run of characters that mean nothing.
void Parser::read_unexpected() {
  const std::size_t begin = at_;
  constexpr std::string_view kMeaningful = " \t`$*^_=zxZXy|:[{()->!<&\"+.%\\";
  constexpr std::string_view kReserved = "#;?@";
  bool reserved = true;
  do {
    reserved = reserved && kReserved.find(peek()) != std::string_view::npos;
    ++at_;
  } while (at_ < end_ && !is_note_letter(peek()) && kMeaningful.find(peek()) == std::string_view::npos &&
           !is_user_symbol(peek()));
  const std::string run = "these characters have no meaning in music";
  if (reserved) return warn(here(begin), "reserved_character", "# ; ? @ are reserved and are ignored");
  error(here(begin), "unexpected_character", run);
}

}  // namespace yard::abc
