// The parser: lines, tunes and the book.
#include <algorithm>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

bool is_blank(std::string_view line) { return trimmed(line).empty(); }

// "K:…", and "+:…" which continues a field.
bool is_field(std::string_view line) {
  return line.size() >= 2 && line[1] == ':' && (is_alpha(line[0]) || line[0] == '+');
}

std::size_t line_end(std::string_view text, std::size_t begin) {
  return std::min(text.find_first_of("\r\n", begin), text.size());
}

std::size_t next_line(std::string_view text, std::size_t end) {
  if (text.substr(end).starts_with("\r\n")) return end + 2;
  return std::min(end + 1, text.size());
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && (i == 0 || text[i - 1] != '\\')) return text.substr(0, i);
  }
  return text;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint32_t value = 0;
  while (!text.empty() && is_digit(text.front())) {
    value = std::min(value * 10 + static_cast<std::uint32_t>(text.front() - '0'), kNumberMax);
    text.remove_prefix(1);
  }
  return value;
}

std::optional<int> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto value = take_number(text);
  if (!value || !text.empty()) return std::nullopt;
  return negative ? -static_cast<int>(*value) : static_cast<int>(*value);
}

bool Parsed::valid() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

Parsed parse(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    Parsed parsed;
    parsed.diagnostics.push_back({.severity = Severity::kError,
                                  .span = {},
                                  .code = "too_large",
                                  .message = "the text is larger than " + std::to_string(kTextBytesMax) + " bytes"});
    return parsed;
  }
  return Parser(text).run();
}

void Parser::report(Severity severity, const Span& span, std::string_view code, std::string message) {
  auto& list = parsed_.diagnostics;
  if (list.size() >= kDiagnosticsMax) {
    if (severity == Severity::kError) list.back().severity = severity;
    return;
  }
  list.push_back({.severity = severity, .span = span, .code = code, .message = std::move(message)});
  if (list.size() == kDiagnosticsMax) {
    list.back() = {.severity = severity,  // an error once one is cut
                   .span = span,
                   .code = "too_many_diagnostics",
                   .message = "more is wrong than is listed here"};
  }
}

Parsed Parser::run() {
  std::size_t begin = text_.starts_with("\xef\xbb\xbf") ? 3 : 0;  // a byte order mark
  while (begin < text_.size() && !full_) {
    const std::size_t end = line_end(text_, begin);
    read_line(begin, end);
    begin = next_line(text_, end);
  }
  end_tune();
  if (parsed_.book.tunes.empty()) {
    error(map_.span(0, 0), "no_tune", "there is no tune here: a tune begins with X: and its header ends with K:");
  }
  return std::move(parsed_);
}

void Parser::read_line(std::size_t begin, std::size_t end) {
  const std::string_view line = text_.substr(begin, end - begin);
  if (in_text_block_) {
    if (line.starts_with("%%end")) in_text_block_ = false;
    return;
  }
  if (line.starts_with('%')) return read_percent(begin, end);
  if (is_blank(line)) return end_tune();
  if (line.starts_with("X:")) {
    if (place_ != Place::kOutside) {
      warn(map_.span(begin, end), "missing_blank_line", "a blank line is missing between the tune before and this one");
      end_tune();
    }
    begin_tune(begin);
  }
  switch (place_) {
    case Place::kOutside: return read_outside(begin, end);
    case Place::kHeader: return read_header_line(begin, end);
    case Place::kBody: return read_body_line(begin, end);
  }
}

void Parser::read_percent(std::size_t begin, std::size_t end) {
  const std::string_view line = text_.substr(begin, end - begin);
  if (place_ != Place::kOutside) tune_end_ = end;
  if (line.starts_with("%%")) {
    in_text_block_ = line.starts_with("%%begin");
    return read_directive(map_.span(begin, end), trimmed(without_comment(line.substr(2))));
  }
  if (place_ == Place::kBody) put(map_.span(begin, end), Comment{});
}

// Looks through the paragraph that begins here, once: does it have the K: of a tune whose X: was forgotten?
void Parser::look_through_paragraph(std::size_t begin) {
  paragraph_has_key_ = false;
  while (begin < text_.size()) {
    const std::size_t end = line_end(text_, begin);
    const std::string_view line = text_.substr(begin, end - begin);
    if (is_blank(line) || line.starts_with("X:")) break;
    paragraph_has_key_ = paragraph_has_key_ || line.starts_with("K:");
    begin = next_line(text_, end);
  }
  paragraph_end_ = begin;
}

// Free text and the file header; both may stand between tunes, only the first counts as header.
void Parser::read_outside(std::size_t begin, std::size_t end) {
  if (begin >= paragraph_end_) look_through_paragraph(begin);
  const std::string_view line = text_.substr(begin, end - begin);
  if (!is_field(line)) return;
  if (paragraph_has_key_) {
    begin_tune(begin);
    if (full_) return;
    error(map_.span(begin, end), "missing_number", "the tune doesn't begin with X: and its number");
    return read_header_line(begin, end);
  }
  if (!parsed_.book.tunes.empty()) return;
  const std::string_view value = trimmed(without_comment(line.substr(2)));
  parsed_.book.header.push_back({.span = map_.span(begin, end), .letter = line.front(), .value = std::string(value)});
  if (line.starts_with("I:")) read_directive(map_.span(begin, end), value);
}

void Parser::read_header_line(std::size_t begin, std::size_t end) {
  const std::string_view line = text_.substr(begin, end - begin);
  if (!is_field(line)) {
    error(map_.span(begin, end), "missing_key", "the header of a tune ends with K:, which is missing before this line");
    end_header();
    return read_body_line(begin, end);
  }
  tune_end_ = end;
  const std::string_view value = trimmed(without_comment(line.substr(2)));
  const std::size_t value_begin = value.empty() ? begin + 2 : static_cast<std::size_t>(value.data() - text_.data());
  header_field(line.front(), map_.span(begin, end), value_begin, value_begin + value.size());
}

// Letters and a colon begin a field, save where notes precede a bar line: "d:|", "A::".
bool Parser::is_body_field(std::string_view line) const {
  if (!is_field(line)) return false;
  const char letter = line.front();
  const char next = line.size() > 2 ? line[2] : '\0';
  if (letter >= 'a' && letter <= 'g') return false;
  const bool is_note_or_rest = is_note_letter(letter) || letter == 'z' || letter == 'x' || letter == 'Z';
  return !(is_note_or_rest && (next == '|' || next == ':')) && letter != 'z' && letter != 'x';
}

void Parser::read_body_line(std::size_t begin, std::size_t end) {
  const std::string_view line = text_.substr(begin, end - begin);
  tune_end_ = end;
  if (!is_body_field(line)) return read_music(begin, end);
  const std::string_view value = trimmed(without_comment(line.substr(2)));
  const std::size_t value_begin = value.empty() ? begin + 2 : static_cast<std::size_t>(value.data() - text_.data());
  body_field(line.front(), map_.span(begin, end), value_begin, value_begin + value.size());
}

void Parser::begin_tune(std::size_t begin) {
  if (parsed_.book.tunes.size() >= kTunesMax) {
    error(map_.span(begin, begin), "too_large", "more than " + std::to_string(kTunesMax) + " tunes");
    full_ = true;
    return;
  }
  tune_ = Tune{};
  tune_.directives = file_directives_;
  tune_begin_ = begin;
  tune_end_ = begin;
  has_unit_ = false;
  user_symbols_.clear();
  voice_states_.clear();
  voice_ = 0;
  voice_defaults_ = Voice{};
  header_voice_.reset();
  place_ = Place::kHeader;
}

// What the header left open gets its default; then music may follow.
void Parser::end_header() {
  if (!has_unit_) {
    const bool short_meter = !tune_.meter.free && tune_.meter.numerator * 4 < tune_.meter.denominator * 3;
    tune_.unit = make_fraction(1, short_meter ? 16 : 8);
  }
  if (tune_.voices.empty()) {
    Voice voice = voice_defaults_;
    voice.span = map_.span(tune_begin_, tune_begin_);
    tune_.voices.push_back(std::move(voice));
  }
  voice_states_.assign(tune_.voices.size(), VoiceState{.unit = tune_.unit, .meter = tune_.meter});
  voice_ = 0;
  place_ = Place::kBody;
}

void Parser::check_voices_at_end() {
  for (const VoiceState& state : voice_states_) {
    if (state.broken_pending) error(state.broken_span, "broken_rhythm", "no note follows to make shorter or longer");
    if (state.tuplet_left > 0) {
      warn(map_.span(tune_end_, tune_end_), "incomplete_tuplet",
           "the last tuplet lacks " + std::to_string(state.tuplet_left) + " of its notes");
    }
  }
}

void Parser::end_tune() {
  if (place_ == Place::kOutside) return;
  const Span first = map_.span(tune_begin_, line_end(text_, tune_begin_));
  if (place_ == Place::kHeader) {
    error(first, "missing_key", "the tune has no K: field, which ends its header");
    end_header();
  }
  if (tune_.title.empty()) warn(first, "missing_title", "the tune has no title, T:");
  check_voices_at_end();
  const auto is_music = [](const Element& element) {
    return std::holds_alternative<Note>(element.value) || std::holds_alternative<Chord>(element.value) ||
           std::holds_alternative<Rest>(element.value);
  };
  if (std::ranges::none_of(tune_.body, is_music)) warn(first, "no_music", "the tune has no notes");
  tune_.span = map_.span(tune_begin_, tune_end_);
  parsed_.book.tunes.push_back(std::move(tune_));
  tune_ = Tune{};
  place_ = Place::kOutside;
}

void Parser::put(const Span& span, ElementValue value) {
  if (full_) return;
  if (++elements_ > kElementsMax) {
    error(span, "too_large", "more than " + std::to_string(kElementsMax) + " notes, bars and other elements");
    full_ = true;
    return;
  }
  tune_.body.push_back({.span = span, .voice = voice_, .value = std::move(value)});
}

}  // namespace yard::abc
