#include "tools/abc/key.h"

#include <algorithm>

namespace yard::abc {
namespace {

// Places on the line of fifths of C D E F G A B.
constexpr std::array<int, 7> kLetterFifths = {0, 2, 4, -1, 1, 3, 5};
constexpr std::array<int, 7> kLetterSemitones = {0, 2, 4, 5, 7, 9, 11};
constexpr std::string_view kLetters = "CDEFGAB";

int floor_divided(int a, int b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

struct ModeRow {
  std::string_view start;  // the three letters that count
  Mode mode;
  int fifths;  // against major on the same tonic
  std::string_view suffix;
};

constexpr std::array<ModeRow, 9> kModes = {{{"maj", Mode::kMajor, 0, ""},
                                            {"min", Mode::kMinor, -3, "m"},
                                            {"ion", Mode::kMajor, 0, ""},
                                            {"aeo", Mode::kMinor, -3, "m"},
                                            {"dor", Mode::kDorian, -2, "dor"},
                                            {"phr", Mode::kPhrygian, -4, "phr"},
                                            {"lyd", Mode::kLydian, 1, "lyd"},
                                            {"mix", Mode::kMixolydian, -1, "mix"},
                                            {"loc", Mode::kLocrian, -5, "loc"}}};

const ModeRow& row_of(Mode mode) { return *std::ranges::find(kModes, mode, &ModeRow::mode); }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Steps through the field's text.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] std::string_view rest() const { return text.substr(at); }
  [[nodiscard]] char peek() const { return at < text.size() ? text[at] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at;
  }
  bool take(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    at += token.size();
    return true;
  }
  // The word at the cursor, not taken.
  [[nodiscard]] std::string_view word() const {
    std::size_t size = 0;
    while (at + size < text.size() && is_letter(text[at + size])) ++size;
    return text.substr(at, size);
  }
};

std::optional<Mode> mode_of(std::string_view word) {
  if (word == "m") return Mode::kMinor;
  if (word == "M") return Mode::kMajor;
  if (word.size() < 3) return std::nullopt;
  const std::array<char, 3> start = {lower(word[0]), lower(word[1]), lower(word[2])};
  const auto row = std::ranges::find(kModes, std::string_view(start.data(), 3), &ModeRow::start);
  return row == kModes.end() ? std::nullopt : std::optional(row->mode);
}

// "K:clef=bass", "K:bass middle=d": settings without a key.
bool is_setting(std::string_view rest, std::string_view word) {
  constexpr std::array<std::string_view, 7> kClefs = {"treble", "alto", "tenor", "bass", "perc", "auto", "clef"};
  return rest.substr(word.size()).starts_with('=') || std::ranges::find(kClefs, word) != kClefs.end();
}

void parse_tonic(Cursor& cursor, Key& key) {
  key.kind = KeyKind::kTonic;
  key.name_offset = static_cast<std::uint32_t>(cursor.at);
  key.tonic.letter = cursor.peek();
  ++cursor.at;
  if (cursor.take("#") || cursor.take("\xe2\x99\xaf")) key.tonic.accidental = 1;
  if (key.tonic.accidental == 0 && (cursor.take("b") || cursor.take("\xe2\x99\xad"))) key.tonic.accidental = -1;
  key.name_length = static_cast<std::uint32_t>(cursor.at) - key.name_offset;
}

// False for a word stuck to the tonic that is no mode ("K:Dfoo").
bool parse_mode(Cursor& cursor, Key& key) {
  const std::size_t tonic_end = cursor.at;
  cursor.skip_spaces();
  const std::string_view word = cursor.word();
  if (const auto mode = mode_of(word)) {
    key.mode = *mode;
    cursor.at += word.size();
    return true;
  }
  return word.empty() || word == "exp" || cursor.at != tonic_end;
}

void parse_accidentals(Cursor& cursor, Key& key) {
  for (;;) {
    cursor.skip_spaces();
    const std::size_t start = cursor.at;
    if (cursor.word() == "exp") {
      key.explicit_only = true;
      cursor.at += 3;
      continue;
    }
    KeyAccidental accidental;
    if (cursor.take("^^")) {
      accidental.accidental = 2;
    } else if (cursor.take("__")) {
      accidental.accidental = -2;
    } else if (cursor.take("^")) {
      accidental.accidental = 1;
    } else if (cursor.take("_")) {
      accidental.accidental = -1;
    } else if (!cursor.take("=")) {
      return;
    }
    const char letter = upper(cursor.peek());
    // Each letter twice is more than any key has; the rest of a hostile list is left as settings.
    if (letter < 'A' || letter > 'G' || key.accidentals.size() >= 14) {
      cursor.at = start;
      return;
    }
    ++cursor.at;
    accidental.letter = letter;
    accidental.offset = static_cast<std::uint32_t>(start);
    accidental.length = static_cast<std::uint32_t>(cursor.at - start);
    key.accidentals.push_back(accidental);
  }
}

}  // namespace

int letter_index(char letter) { return static_cast<int>(kLetters.find(letter)); }

int letter_semitones(char letter) { return kLetterSemitones[static_cast<std::size_t>(letter_index(letter))]; }

int fifths_of(PitchName name) {
  return kLetterFifths[static_cast<std::size_t>(letter_index(name.letter))] + 7 * name.accidental;
}

PitchName name_at_fifths(int fifths) {
  constexpr std::string_view kByFifths = "FCGDAEB";
  const int accidental = floor_divided(fifths + 1, 7);
  return {.letter = kByFifths[static_cast<std::size_t>(fifths + 1 - 7 * accidental)], .accidental = accidental};
}

int fifths_of_semitones(int semitones) {
  const int fifths = ((semitones * 7) % 12 + 12) % 12;
  return fifths > 6 ? fifths - 12 : fifths;
}

int fifths_of(const Key& key) {
  switch (key.kind) {
    case KeyKind::kNone: return 0;
    case KeyKind::kPipes:
    case KeyKind::kPipesMarked: return 2;
    case KeyKind::kTonic: break;
  }
  return fifths_of(key.tonic) + row_of(key.mode).fifths;
}

Signature signature_of_fifths(int fifths) {
  Signature signature{};
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const int place = kLetterFifths[i] + 1;  // F 0, C 1, … B 6: the order in which sharps come
    signature[i] = static_cast<std::int8_t>(floor_divided(fifths - place + 6, 7));
  }
  return signature;
}

Signature signature_of(const Key& key) {
  Signature signature = signature_of_fifths(key.explicit_only ? 0 : fifths_of(key));
  for (const KeyAccidental& accidental : key.accidentals) {
    signature[static_cast<std::size_t>(letter_index(accidental.letter))] =
        static_cast<std::int8_t>(accidental.accidental);
  }
  return signature;
}

std::string to_string(PitchName name) {
  std::string text(1, name.letter);
  for (int i = 0; i < name.accidental; ++i) text += '#';
  for (int i = 0; i > name.accidental; --i) text += 'b';
  return text;
}

std::string to_string(const Key& key) {
  std::string text;
  switch (key.kind) {
    case KeyKind::kNone: text = "none"; break;
    case KeyKind::kPipes: text = "HP"; break;
    case KeyKind::kPipesMarked: text = "Hp"; break;
    case KeyKind::kTonic: text = to_string(key.tonic) + std::string(row_of(key.mode).suffix); break;
  }
  if (key.explicit_only) text += " exp";
  for (const KeyAccidental& accidental : key.accidentals) {
    constexpr std::array<std::string_view, 5> kMarks = {"__", "_", "=", "^", "^^"};
    text += ' ';
    text += kMarks[static_cast<std::size_t>(accidental.accidental + 2)];
    text += lower(accidental.letter);
  }
  return text;
}

std::optional<ParsedKey> parse_key(std::string_view text) {
  ParsedKey parsed{.key = {}, .has_key = true, .rest = 0};
  Cursor cursor{.text = text};
  cursor.skip_spaces();
  const std::string_view word = cursor.word();
  const char first = cursor.peek();
  if (word == "HP" || word == "Hp") {
    parsed.key.kind = word == "HP" ? KeyKind::kPipes : KeyKind::kPipesMarked;
    parsed.key.name_offset = static_cast<std::uint32_t>(cursor.at);
    parsed.key.name_length = 2;
    cursor.at += 2;
  } else if (first >= 'A' && first <= 'G') {
    parse_tonic(cursor, parsed.key);
    if (!parse_mode(cursor, parsed.key)) return std::nullopt;
  } else if (word == "none" || word == "None") {
    cursor.at += word.size();
  } else if (is_setting(cursor.rest(), word)) {
    parsed.has_key = false;
  } else if (first != '\0' && first != '^' && first != '_' && first != '=' && word != "exp") {
    return std::nullopt;
  }
  parse_accidentals(cursor, parsed.key);
  parsed.rest = static_cast<std::uint32_t>(cursor.at);
  return parsed;
}

}  // namespace yard::abc
