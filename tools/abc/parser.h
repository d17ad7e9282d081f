// The parser's insides; readers of ABC include abc.h.
//
// parse_book.cc walks lines and tunes, parse_fields.cc the fields, parse_music.cc a line of music and its bars,
// parse_notes.cc notes, chords, rests and their lengths, parse_marks.cc what stands around them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tools/abc/abc.h"

namespace yard::abc {

// Numbers in the text saturate here, far above any that is meant.
inline constexpr std::uint32_t kNumberMax = 99'999;
inline constexpr std::uint32_t kLengthPartMax = 1'024;  // parts of a written length, A1024/1024
inline constexpr std::uint32_t kTupletPartMax = 32;
inline constexpr std::uint32_t kPassesMax = 32;  // of a repeated section
inline constexpr std::uint32_t kRestBarsMax = 1'000;
inline constexpr std::size_t kChordNotesMax = 64;
inline constexpr std::size_t kFileDirectivesMax = 16;  // copied into every tune

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), map_(text) {}

  [[nodiscard]] Parsed run();

 private:
  enum class Place : std::uint8_t { kOutside, kHeader, kBody };

  // What a voice carries from element to element while its music is read.
  struct VoiceState {
    Fraction unit;
    Meter meter;
    Fraction tuplet = {.numerator = 1, .denominator = 1};  // factor of the next tuplet_left notes
    std::uint32_t tuplet_left = 0;
    Fraction broken = {.numerator = 1, .denominator = 1};  // factor of the next note
    Span broken_span = {};
    bool broken_pending = false;
    std::optional<std::size_t> last_timed = {};  // in the body; none after a bar
    Fraction bar_time = {};
    bool bar_plain = false;  // the bar began at a plain line, so that it should be full
  };

  // ---- diagnostics
  void report(Severity severity, const Span& span, std::string_view code, std::string message);
  void error(const Span& span, std::string_view code, std::string message) {
    report(Severity::kError, span, code, std::move(message));
  }
  void warn(const Span& span, std::string_view code, std::string message) {
    report(Severity::kWarning, span, code, std::move(message));
  }

  // ---- parse_book.cc: lines [begin, end) without their newline
  void read_line(std::size_t begin, std::size_t end);
  void read_outside(std::size_t begin, std::size_t end);
  void read_header_line(std::size_t begin, std::size_t end);
  void read_body_line(std::size_t begin, std::size_t end);
  void read_percent(std::size_t begin, std::size_t end);
  void look_through_paragraph(std::size_t begin);
  [[nodiscard]] bool is_body_field(std::string_view line) const;
  void begin_tune(std::size_t begin);
  void end_header();
  void end_tune();
  void check_voices_at_end();

  // ---- parse_fields.cc: the value is text_[begin, end), trimmed
  void header_field(char letter, const Span& span, std::size_t begin, std::size_t end);
  void body_field(char letter, const Span& span, std::size_t begin, std::size_t end);
  void read_number(const Span& span, std::string_view value);
  [[nodiscard]] KeyChange read_key(const Span& span, std::size_t begin, std::string_view value, bool in_header);
  [[nodiscard]] std::optional<Meter> read_meter(const Span& span, std::string_view value);
  [[nodiscard]] std::optional<Tempo> read_tempo(const Span& span, std::string_view value);
  [[nodiscard]] std::optional<Fraction> read_unit(const Span& span, std::string_view value);
  [[nodiscard]] std::uint16_t read_voice(const Span& span, std::string_view value);
  void read_voice_settings(Voice& voice, std::string_view settings);
  void read_user_symbol(const Span& span, std::string_view value);
  void read_directive(const Span& span, std::string_view content);

  // ---- parse_music.cc
  void read_music(std::size_t begin, std::size_t end);
  void read_symbol();
  void read_bar();
  void read_ending(std::size_t begin);
  void read_slur();
  void read_spacer();
  void read_comment();
  void close_bar(const Span& span, const Bar& bar);

  // ---- parse_marks.cc
  void read_tuplet();
  void read_quoted();
  void read_decoration(char mark);
  void read_short_decoration();
  void read_inline_field();
  void read_late_tie();
  void read_overlay();
  void read_unexpected();

  // ---- parse_notes.cc
  [[nodiscard]] bool read_note(Note& note, bool in_grace);
  void read_single_note();
  void read_chord();
  void read_grace();
  void read_rest();
  void read_broken_rhythm();
  [[nodiscard]] bool take_tie();
  [[nodiscard]] Fraction read_length();
  [[nodiscard]] std::uint32_t read_natural();
  void put_timed(std::size_t begin, ElementValue value);

  // ---- the cursor within a line of music
  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < end_ ? text_[at_ + ahead] : '\0'; }
  [[nodiscard]] Span here(std::size_t begin) { return map_.span(begin, at_); }
  [[nodiscard]] VoiceState& voice_state() { return voice_states_[voice_]; }
  void put(const Span& span, ElementValue value);

  std::string_view text_;
  SourceMap map_;
  Parsed parsed_;
  bool full_ = false;  // a limit was met: nothing more is read

  Place place_ = Place::kOutside;
  Tune tune_;  // the one being read
  std::size_t tune_begin_ = 0;
  std::size_t tune_end_ = 0;
  bool has_unit_ = false;
  bool in_text_block_ = false;     // between %%begintext and %%endtext
  std::size_t paragraph_end_ = 0;  // outside of tunes: looked through up to here
  bool paragraph_has_key_ = false;
  std::vector<Directive> file_directives_;
  std::vector<std::pair<char, std::string>> user_symbols_;
  std::unordered_set<std::uint32_t> numbers_;
  std::size_t elements_ = 0;
  std::optional<std::uint16_t> header_voice_;  // of the header's last V:
  Voice voice_defaults_;                       // what K: said of clef, octave and transposition

  std::vector<VoiceState> voice_states_;  // parallel to tune_.voices
  std::uint16_t voice_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// The part before an unescaped '%'.
[[nodiscard]] std::string_view without_comment(std::string_view text);

[[nodiscard]] inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] inline bool is_note_letter(char c) { return (c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g'); }
[[nodiscard]] inline bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Digits at the start of `text`, taken from it; saturates at kNumberMax. Nothing where there are none.
[[nodiscard]] std::optional<std::uint32_t> take_number(std::string_view& text);

// A signed one, such as "-12".
[[nodiscard]] std::optional<int> signed_number(std::string_view text);

}  // namespace yard::abc
