// The parser: tuplets, quotes, decorations, inline fields and what is none of all this.
#include <algorithm>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

constexpr std::size_t kDecorationBytesMax = 64;
constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

struct ShortForm {
  char letter;
  std::string_view name;
};

constexpr ShortForm kShortForms[] = {{'~', "roll"},  {'.', "staccato"},     {'H', "fermata"},      {'L', "accent"},
                                     {'O', "coda"},  {'M', "lowermordent"}, {'P', "uppermordent"}, {'S', "segno"},
                                     {'T', "trill"}, {'u', "upbow"},        {'v', "downbow"}};

// The time of a tuplet that says only how many notes it has; compound meters have beats of three.
std::uint32_t default_time(std::uint32_t notes, const Meter& meter) {
  const bool compound = !meter.free && meter.numerator % 3 == 0 && meter.numerator > 3 && meter.denominator >= 8;
  switch (notes) {
    case 2:
    case 4:
    case 8: return 3;
    case 3:
    case 6: return 2;
    default: return compound ? 3 : 2;
  }
}

// Neither ASCII nor a control character: never music.
bool is_other(char c) { return static_cast<unsigned char>(c) >= 0x80U || (c >= '\0' && c < '\t'); }

}  // namespace

// "(p", "(p:q", "(p:q:r"; q and r may be left out between their colons.
void Parser::read_tuplet() {
  const std::size_t begin = at_;
  ++at_;
  Tuplet tuplet{.p = read_natural(), .q = 0, .r = 0};
  if (peek() == ':') {
    ++at_;
    tuplet.q = read_natural();
    if (peek() == ':') {
      ++at_;
      tuplet.r = read_natural();
    }
  }
  const bool has_time = tuplet.q != 0;
  if (!has_time) tuplet.q = default_time(tuplet.p, voice_state().meter);
  if (tuplet.r == 0) tuplet.r = tuplet.p;
  const Span span = here(begin);
  if (tuplet.p < 2 || (!has_time && tuplet.p > 9) || std::max({tuplet.p, tuplet.q, tuplet.r}) > kTupletPartMax) {
    return error(span, "bad_tuplet",
                 "tuplets are (2 to (9, or (p:q:r with numbers up to " + std::to_string(kTupletPartMax));
  }
  VoiceState& state = voice_state();
  if (state.tuplet_left > 0) {
    warn(span, "incomplete_tuplet", "the tuplet before lacks " + std::to_string(state.tuplet_left) + " of its notes");
  }
  state.tuplet = make_fraction(tuplet.q, tuplet.p);
  state.tuplet_left = tuplet.r;
  put(span, tuplet);
}

// A chord symbol, or an annotation where a placement comes first.
void Parser::read_quoted() {
  const std::size_t begin = at_;
  std::size_t close = begin + 1;
  while (close < end_ && (text_[close] != '"' || text_[close - 1] == '\\')) ++close;
  if (close >= end_) {
    at_ = end_;
    return error(here(begin), "unclosed_string", "the text has no closing quote");
  }
  at_ = close + 1;
  const std::string_view text = text_.substr(begin + 1, close - begin - 1);
  if (!text.empty() && std::string_view("^_<>@").find(text.front()) != std::string_view::npos) {
    return put(here(begin), Annotation{.placement = text.front(), .text = std::string(text.substr(1))});
  }
  put(here(begin), ChordSymbol{.text = std::string(text)});
}

// "!trill!", or the older "+trill+". A '!' without a name broke lines of old scores.
void Parser::read_decoration(char mark) {
  const std::size_t begin = at_;
  const std::string_view rest = text_.substr(begin + 1, std::min(end_ - begin - 1, kDecorationBytesMax));
  const std::size_t close = rest.find(mark);
  const std::string_view name = rest.substr(0, close);
  ++at_;
  if (close != std::string_view::npos && close > 0 && name.find_first_of(" |") == std::string_view::npos) {
    at_ += close + 1;
    return put(here(begin), Decoration{.name = std::string(name)});
  }
  if (mark == '!' && (trimmed(rest).empty() || trimmed(rest).starts_with('%'))) {
    return warn(here(begin), "old_line_break", "'!' for a line break is out of use; write $");
  }
  // A name that can't be notes is not read as such.
  const std::string_view word = rest.substr(0, std::min(rest.find_first_not_of(kNameLetters), rest.size()));
  if (!std::ranges::all_of(word, is_note_letter)) at_ += word.size();
  error(here(begin), "unclosed_decoration", std::string("a decoration's name stands between two ") + mark);
}

void Parser::read_short_decoration() {
  const char c = peek();
  const auto user = std::ranges::find(user_symbols_, c, &std::pair<char, std::string>::first);
  std::string_view name;
  if (user != user_symbols_.end()) {
    name = user->second;
  } else if (const auto* row = std::ranges::find(kShortForms, c, &ShortForm::letter); row != std::end(kShortForms)) {
    name = row->name;
  } else {
    return read_unexpected();
  }
  ++at_;
  if (!name.empty() && name != "nil" && name != "none") put(here(at_ - 1), Decoration{.name = std::string(name)});
}

void Parser::read_inline_field() {
  const std::size_t begin = at_;
  const char letter = peek(1);
  const std::size_t close = text_.substr(0, end_).find(']', begin);
  if (close == std::string_view::npos) {
    at_ = end_;
    return error(here(begin), "unclosed_inline_field", "the field has no ]");
  }
  at_ = close + 1;
  const std::string_view value = trimmed(text_.substr(begin + 3, close - begin - 3));
  const std::size_t value_begin = value.empty() ? close : static_cast<std::size_t>(value.data() - text_.data());
  body_field(letter, here(begin), value_begin, value_begin + value.size());
}

// A '-' apart from its note: "(AB)-B", "A -A".
void Parser::read_late_tie() {
  const std::size_t begin = at_;
  ++at_;
  const VoiceState& state = voice_state();
  ElementValue* before = state.last_timed ? &tune_.body[*state.last_timed].value : nullptr;
  if (before == nullptr || std::holds_alternative<Rest>(*before)) {
    return error(here(begin), "stray_tie", "no note before to tie");
  }
  warn(here(begin), "detached_tie", "a tie stands right behind its note");
  if (auto* note = std::get_if<Note>(before)) note->tied = true;
  if (auto* chord = std::get_if<Chord>(before)) {
    for (Note& note : chord->notes) note.tied = true;
  }
}

// "&": more music for the bar so far. Those over several bars, "(& … &)", are not supported.
void Parser::read_overlay() {
  const std::size_t begin = at_;
  const bool opens = peek() == '(';
  at_ += opens ? 2 : 1;
  const bool closes = !opens && peek() == ')';
  if (closes) ++at_;
  if (opens || closes) {
    return warn(here(begin), "overlay_unsupported", "overlays of several bars are not supported; write & in each bar");
  }
  VoiceState& state = voice_state();
  state.bar_time = Fraction{};
  state.bar_plain = false;  // an overlay may be shorter than its bar
  state.last_timed.reset();
  put(here(begin), Overlay{});
}

// One diagnostic for a run of characters that mean nothing.
void Parser::read_unexpected() {
  const std::size_t begin = at_;
  const char c = peek();
  ++at_;
  if (c == '\\') {
    const std::string_view rest = trimmed(text_.substr(at_, end_ - at_));
    if (rest.empty() || rest.starts_with('%')) return;  // the next line goes on; bars and beams do so anyway
  }
  constexpr std::string_view kReserved = "#*;?@";
  if (kReserved.find(c) != std::string_view::npos) {
    while (at_ < end_ && kReserved.find(peek()) != std::string_view::npos) ++at_;
    return warn(here(begin), "reserved_character", "# * ; ? @ are reserved and mean nothing");
  }
  while (at_ < end_ && (peek() == c || is_other(peek()))) ++at_;
  const bool printable = c > ' ' && c < '\x7f';
  error(here(begin), "unexpected_character",
        printable ? std::string("'") + c + "' means nothing here" : std::string("a character that means nothing here"));
}

}  // namespace yard::abc
