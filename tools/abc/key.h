// Keys: K: fields, signatures and spelling along the line of fifths.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yard::abc {

// A letter and its accidental, without an octave. letter: 'A' to 'G'; accidental: -2 (bb) to 2 (##).
struct PitchName {
  char letter = 'C';
  int accidental = 0;

  bool operator==(const PitchName&) const = default;
};

// C D E F G A B as 0 to 6.
[[nodiscard]] int letter_index(char letter);

// Semitones above C of a natural letter.
[[nodiscard]] int letter_semitones(char letter);

// Place on the line of fifths: F -1, C 0, G 1, …; a sharp adds 7. Moving a pitch by an interval adds a constant.
[[nodiscard]] int fifths_of(PitchName name);
[[nodiscard]] PitchName name_at_fifths(int fifths);

// The fifths of an interval of `semitones`, in -5 to 6.
[[nodiscard]] int fifths_of_semitones(int semitones);

enum class Mode : std::uint8_t { kMajor, kMinor, kDorian, kPhrygian, kLydian, kMixolydian, kLocrian };

// What kind of K: it is. HP and Hp are the Highland bagpipe's: both sound F sharp and C sharp.
enum class KeyKind : std::uint8_t { kTonic, kNone, kPipes, kPipesMarked };

// An accidental written into K:, such as ^f in "K:D =c ^f".
struct KeyAccidental {
  char letter = 'C';         // upper case
  int accidental = 0;        // -2 to 2
  std::uint32_t offset = 0;  // of the written accidental with its letter, in the field's text
  std::uint32_t length = 0;
};

// What a K: field says of pitch.
struct Key {
  KeyKind kind = KeyKind::kNone;
  PitchName tonic = {};        // kTonic only
  Mode mode = Mode::kMajor;    // kTonic only
  bool explicit_only = false;  // "exp": the accidentals listed are the whole signature
  std::vector<KeyAccidental> accidentals = {};
  std::uint32_t name_offset = 0;  // of the tonic letter and its accidental (or HP), in the field's text
  std::uint32_t name_length = 0;  // 0 for kNone
};

// The accidental of each letter, C D E F G A B.
using Signature = std::array<std::int8_t, 7>;

// Sharps (positive) or flats (negative) of the tonic and mode; beyond 7 where the key has double ones. Pipes: 2.
[[nodiscard]] int fifths_of(const Key& key);

// With the explicit accidentals applied.
[[nodiscard]] Signature signature_of(const Key& key);

// The signature of so many sharps or flats.
[[nodiscard]] Signature signature_of_fifths(int fifths);

// "D", "Em", "Bbm", "Ador", "HP", "none"; explicit accidentals follow as written: "D =c".
[[nodiscard]] std::string to_string(const Key& key);
[[nodiscard]] std::string to_string(PitchName name);

struct ParsedKey {
  Key key;
  bool has_key = false;    // false: only clef or other settings ("K:clef=bass"); the key stays
  std::uint32_t rest = 0;  // where the settings (clef=, octave=, …) begin in the field's text
};

// Parses the value of a K: field (without "K:"). Nothing where it can't be understood.
[[nodiscard]] std::optional<ParsedKey> parse_key(std::string_view text);

}  // namespace yard::abc
