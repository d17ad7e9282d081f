// The parser: information fields.
#include <algorithm>
#include <array>
#include <bit>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

constexpr std::uint32_t kMeterPartMax = 128;
constexpr std::uint32_t kTempoMax = 1'000;

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

bool take(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

// "3/8", or "3" where the denominator may be missing. Both parts 1 to 1024.
std::optional<Fraction> take_fraction(std::string_view& text, bool whole_allowed) {
  const auto numerator = take_number(text);
  if (!numerator || *numerator == 0 || *numerator > kLengthPartMax) return std::nullopt;
  if (!take(text, "/")) return whole_allowed ? std::optional(make_fraction(*numerator, 1)) : std::nullopt;
  const auto denominator = take_number(text);
  if (!denominator || *denominator == 0 || *denominator > kLengthPartMax) return std::nullopt;
  return make_fraction(*numerator, *denominator);
}

// Splits "key=value", "key=\"a value\"" or a bare word off `text`. False at its end.
bool take_setting(std::string_view& text, std::string_view& key, std::string_view& value) {
  skip_spaces(text);
  if (text.empty()) return false;
  const std::size_t key_size = std::min(text.find_first_of("= \t"), text.size());
  key = text.substr(0, key_size);
  text.remove_prefix(key_size);
  value = {};
  if (!take(text, "=")) return true;
  if (take(text, "\"")) {
    value = text.substr(0, std::min(text.find('"'), text.size()));
    text.remove_prefix(std::min(value.size() + 1, text.size()));
  } else {
    value = text.substr(0, std::min(text.find_first_of(" \t"), text.size()));
    text.remove_prefix(value.size());
  }
  return true;
}

// Words of a tempo, with or without quotes.
void append_words(std::string& words, std::string_view more) {
  more = trimmed(more);
  if (more.empty()) return;
  if (!words.empty()) words += ' ';
  words += more;
}

}  // namespace

void Parser::header_field(char letter, const Span& span, std::size_t begin, std::size_t end) {
  const std::string_view value = text_.substr(begin, end - begin);
  tune_.header.push_back({.span = span, .letter = letter, .value = std::string(value)});
  switch (letter) {
    case 'X': return read_number(span, value);
    case 'T':
      if (tune_.title.empty()) tune_.title = value;
      return;
    case 'M':
      if (auto meter = read_meter(span, value)) tune_.meter = *std::move(meter);
      return;
    case 'L':
      if (const auto unit = read_unit(span, value)) {
        tune_.unit = *unit;
        has_unit_ = true;
      }
      return;
    case 'Q':
      if (auto tempo = read_tempo(span, value)) tune_.tempo = *std::move(tempo);
      return;
    case 'P': tune_.parts = value; return;
    case 'U': return read_user_symbol(span, value);
    case 'V': header_voice_ = read_voice(span, value); return;
    case 'I': return read_directive(span, value);
    case 'm': warn(span, "macro_not_expanded", "macros are not expanded"); return;
    case 'K':
      tune_.key = read_key(span, begin, value, true);
      tune_.key_span = span;
      tune_.has_key = true;
      return end_header();
    default: return;
  }
}

void Parser::body_field(char letter, const Span& span, std::size_t begin, std::size_t end) {
  const std::string_view value = text_.substr(begin, end - begin);
  switch (letter) {
    case 'K': return put(span, read_key(span, begin, value, false));
    case 'M':
      if (auto meter = read_meter(span, value)) {
        voice_state().meter = *meter;
        put(span, *std::move(meter));
      }
      return;
    case 'L':
      if (const auto unit = read_unit(span, value)) {
        voice_state().unit = *unit;
        put(span, UnitLength{.unit = *unit});
      }
      return;
    case 'Q':
      if (auto tempo = read_tempo(span, value)) put(span, *std::move(tempo));
      return;
    case 'V': voice_ = read_voice(span, value); return put(span, VoiceChange{});
    case 'P': return put(span, PartLabel{.label = std::string(value)});
    case 'w': return put(span, Lyrics{.text = std::string(value)});
    case 'I': return read_directive(span, value);
    case 'U': read_user_symbol(span, value); return put(span, Field{.letter = letter, .value = std::string(value)});
    case 'm': warn(span, "macro_not_expanded", "macros are not expanded"); break;
    case 'N':
    case 'R':
    case 'T':
    case 'W':
    case 'r':
    case 's':
    case '+': break;
    default:
      warn(span, "misplaced_field", std::string("the field ") + letter + ": has no meaning within a tune's body");
      break;
  }
  put(span, Field{.letter = letter, .value = std::string(value)});
}

void Parser::read_number(const Span& span, std::string_view value) {
  std::string_view rest = value;
  const auto number = take_number(rest);
  if (!number || !rest.empty()) error(span, "bad_number", "X: takes a whole number");
  if (!number) return;
  tune_.number = *number;
  tune_.has_number = true;
  if (!numbers_.insert(*number).second) {
    warn(span, "duplicate_number", "there is another tune X:" + std::to_string(*number) + " before this one");
  }
}

KeyChange Parser::read_key(const Span& span, std::size_t begin, std::string_view value, bool in_header) {
  KeyChange change;
  change.value_offset = static_cast<std::uint32_t>(begin);
  auto parsed = parse_key(value);
  if (!parsed) {
    error(span, "bad_key", "not a key: write a tonic and a mode (K:D, K:Em, K:Bb, K:Ador), HP, Hp or none");
    change.has_key = in_header;
    return change;
  }
  change.has_key = parsed->has_key || in_header;
  change.key = std::move(parsed->key);
  const std::string_view settings = value.substr(parsed->rest);
  if (in_header) {
    read_voice_settings(voice_defaults_, settings);
    for (Voice& voice : tune_.voices) {
      if (voice.clef.empty()) read_voice_settings(voice, settings);
    }
  }
  return change;
}

std::optional<Meter> Parser::read_meter(const Span& span, std::string_view value) {
  Meter meter{.free = false, .numerator = 4, .denominator = 4, .text = std::string(value)};
  if (value.empty() || value == "none") return Meter{.text = "none"};
  if (value == "C") return meter;
  if (value == "C|") {
    meter.numerator = 2;
    meter.denominator = 2;
    return meter;
  }
  std::string_view rest = value;
  const bool bracket = take(rest, "(");
  std::uint32_t sum = 0;
  do {
    skip_spaces(rest);
    sum = std::min(sum + take_number(rest).value_or(kNumberMax), kNumberMax);
    skip_spaces(rest);
  } while (take(rest, "+"));
  const bool closed = !bracket || take(rest, ")");
  const bool slash = take(rest, "/");
  const auto denominator = take_number(rest);
  if (!closed || !slash || !denominator || !trimmed(rest).empty() || sum == 0 || sum > kMeterPartMax ||
      *denominator > kMeterPartMax || !std::has_single_bit(*denominator)) {
    error(span, "bad_meter", "not a meter: write M:4/4, M:6/8, M:2+3/8, M:C, M:C| or M:none");
    return std::nullopt;
  }
  meter.numerator = sum;
  meter.denominator = *denominator;
  return meter;
}

std::optional<Fraction> Parser::read_unit(const Span& span, std::string_view value) {
  std::string_view rest = value;
  const auto unit = take_fraction(rest, true);
  if (!unit || !trimmed(rest).empty()) {
    error(span, "bad_unit_length", "not a note length: write L:1/8");
    return std::nullopt;
  }
  return unit;
}

// "1/4=120", "\"Slow\" 3/8=50", "1/4 3/8=40", "120", "C=100", "\"Andante\"".
std::optional<Tempo> Parser::read_tempo(const Span& span, std::string_view value) {
  Tempo tempo;
  Fraction beat{};
  bool good = true;
  std::string_view rest = value;
  for (skip_spaces(rest); good && !rest.empty(); skip_spaces(rest)) {
    if (take(rest, "\"")) {
      const std::string_view words = rest.substr(0, std::min(rest.find('"'), rest.size()));
      append_words(tempo.text, words);
      rest.remove_prefix(std::min(words.size() + 1, rest.size()));
    } else if (take(rest, "C")) {  // old: the unit length, or so many of them
      std::string_view probe = rest;
      const auto count = take_number(probe);
      if (count) rest = probe;
      beat = make_fraction(std::clamp(count.value_or(1), 1U, kLengthPartMax), 1) * tune_.unit;
      tempo.has_beat = true;
    } else if (take(rest, "=")) {
      skip_spaces(rest);
      const auto count = take_number(rest);
      good = count && tempo.has_beat && tempo.per_minute == 0;
      tempo.per_minute = count.value_or(0);
      if (take(rest, ".")) static_cast<void>(take_number(rest));
      good = good && tempo.per_minute > 0;
    } else {
      const auto part = take_fraction(rest, true);
      good = part && tempo.per_minute == 0;
      if (good && part->denominator == 1 && !tempo.has_beat && trimmed(rest).empty()) {
        tempo.per_minute = static_cast<std::uint32_t>(part->numerator);
      } else if (good) {
        beat = beat + *part;
        tempo.has_beat = true;
      }
    }
  }
  good = good && (tempo.has_beat ? tempo.per_minute > 0 : tempo.per_minute > 0 || !tempo.text.empty());
  if (!good || tempo.per_minute > kTempoMax) {
    error(span, "bad_tempo", "not a tempo: write Q:1/4=120, up to " + std::to_string(kTempoMax) + " beats a minute");
    return std::nullopt;
  }
  if (tempo.has_beat) tempo.beat = beat;
  return tempo;
}

std::uint16_t Parser::read_voice(const Span& span, std::string_view value) {
  const std::string_view id = value.substr(0, std::min(value.find_first_of(" \t"), value.size()));
  const std::string_view settings = value.substr(id.size());
  if (id.empty()) {
    error(span, "bad_voice", "V: takes the name of a voice");
    return voice_;
  }
  const auto known = std::ranges::find(tune_.voices, id, &Voice::id);
  if (known != tune_.voices.end()) {
    read_voice_settings(*known, settings);
    return static_cast<std::uint16_t>(known - tune_.voices.begin());
  }
  // A tune without V: in its header has one voice without a name. The first V: names it while it has no music.
  const bool names_first = place_ == Place::kBody && tune_.voices.size() == 1 && tune_.voices[0].id.empty() &&
                           !voice_states_[0].last_timed && voice_states_[0].bar_time == Fraction{} &&
                           std::ranges::none_of(tune_.body, [](const Element& element) {
                             return std::holds_alternative<Note>(element.value) ||
                                    std::holds_alternative<Chord>(element.value) ||
                                    std::holds_alternative<Rest>(element.value);
                           });
  if (names_first) {
    tune_.voices[0].id = id;
    tune_.voices[0].span = span;
    read_voice_settings(tune_.voices[0], settings);
    return 0;
  }
  if (tune_.voices.size() >= kVoicesMax) {
    error(span, "too_many_voices", "more than " + std::to_string(kVoicesMax) + " voices");
    return voice_;
  }
  Voice voice = voice_defaults_;
  voice.id = id;
  voice.span = span;
  read_voice_settings(voice, settings);
  tune_.voices.push_back(std::move(voice));
  if (place_ == Place::kBody) voice_states_.push_back({.unit = tune_.unit, .meter = tune_.meter});
  return static_cast<std::uint16_t>(tune_.voices.size() - 1);
}

void Parser::read_voice_settings(Voice& voice, std::string_view settings) {
  constexpr std::array<std::string_view, 6> kClefs = {"treble", "alto", "tenor", "bass", "perc", "none"};
  std::string_view key;
  std::string_view value;
  while (take_setting(settings, key, value)) {
    if (key == "name" || key == "nm") voice.name = value;
    if (key == "octave") voice.octave = std::clamp(signed_number(value).value_or(0), -4, 4);
    if (key == "transpose" || key == "t") voice.transpose = std::clamp(signed_number(value).value_or(0), -60, 60);
    const bool bare_clef =
        value.empty() && std::ranges::any_of(kClefs, [&](auto clef) { return key.starts_with(clef); });
    if (key != "clef" && !bare_clef) continue;
    voice.clef = bare_clef ? key : value;
    voice.percussion = voice.clef == "perc";
    if (voice.clef.ends_with("-8")) voice.octave = -1;
    if (voice.clef.ends_with("+8")) voice.octave = 1;
  }
}

// "T = !trill!": the letter stands for the decoration from here on.
void Parser::read_user_symbol(const Span& span, std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::string_view letter = trimmed(value.substr(0, std::min(equals, value.size())));
  if (equals == std::string_view::npos || letter.size() != 1) {
    error(span, "bad_user_symbol", "write U:T=!trill!");
    return;
  }
  std::string_view name = trimmed(value.substr(equals + 1));
  if (name.size() >= 2 && name.front() == name.back()) name = name.substr(1, name.size() - 2);
  const auto known = std::ranges::find(user_symbols_, letter.front(), &std::pair<char, std::string>::first);
  if (known != user_symbols_.end()) {
    known->second = name;
  } else if (is_alpha(letter.front()) || letter.front() == '~') {
    user_symbols_.emplace_back(letter.front(), name);
  }
}

void Parser::read_directive(const Span& span, std::string_view content) {
  const std::size_t name_size = std::min(content.find_first_of(" \t="), content.size());
  std::string_view value = content.substr(name_size);
  if (!value.empty()) value.remove_prefix(1);
  Directive directive{.name = std::string(content.substr(0, name_size)), .value = std::string(trimmed(value))};
  switch (place_) {
    case Place::kOutside:
      if (parsed_.book.tunes.empty() && file_directives_.size() < kFileDirectivesMax) {
        file_directives_.push_back(std::move(directive));
      }
      return;
    case Place::kHeader:
      directive.voice = header_voice_;
      tune_.directives.push_back(std::move(directive));
      return;
    case Place::kBody: return put(span, std::move(directive));
  }
}

}  // namespace yard::abc
