// Chord symbols.
#include <algorithm>
#include <array>

#include "tools/abc/transpose.h"

namespace yard::abc {
namespace {

constexpr std::string_view kSharp = "\xe2\x99\xaf";
constexpr std::string_view kFlat = "\xe2\x99\xad";

// What may follow a root. Words of performance ("Fine", "Coda", "D.C.") have none of this shape.
constexpr std::array<std::string_view, 34> kQualities = {
    "maj", "Maj", "min", "Min", "dim", "aug",      "sus",      "add", "alt", "omit", "no", "mi",
    "ma",  "M",   "m",   "o",   "h",   "\xc2\xb0", "\xc3\xb8", "+",   "-",   "#",    "b",  "(",
    ")",   ",",   "0",   "1",   "2",   "3",        "4",        "5",   "6",   "7"};
constexpr std::array<std::string_view, 5> kMoreQualities = {"8", "9", kSharp, kFlat, "\xce\x94"};

bool take(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

std::optional<PitchName> take_root(std::string_view& text) {
  if (text.empty() || text.front() < 'A' || text.front() > 'G') return std::nullopt;
  PitchName name{.letter = text.front()};
  text.remove_prefix(1);
  if (take(text, "#") || take(text, kSharp)) {
    name.accidental = 1;
  } else if (take(text, "b") || take(text, kFlat)) {
    name.accidental = -1;
  }
  return name;
}

std::string moved(PitchName name, int fifths) {
  int place = fifths_of(name) + fifths;
  while (place > 12) place -= 12;  // beyond B#
  while (place < -8) place += 12;  // beyond Fb
  return to_string(name_at_fifths(place));
}

bool take_quality(std::string_view& text) {
  const auto taken = [&text](std::string_view token) { return take(text, token); };
  return std::ranges::any_of(kQualities, taken) || std::ranges::any_of(kMoreQualities, taken);
}

}  // namespace

std::optional<std::string> transpose_chord(std::string_view symbol, int fifths) {
  std::string_view rest = symbol;
  std::string out;
  if (take(rest, "(")) out += '(';
  const auto root = take_root(rest);
  if (!root) return std::nullopt;
  out += moved(*root, fifths);
  const std::string_view tail = rest;
  while (take_quality(rest)) {
  }
  out += tail.substr(0, tail.size() - rest.size());
  if (take(rest, "/")) {
    const auto bass = take_root(rest);
    if (!bass) return std::nullopt;
    out += '/';
    out += moved(*bass, fifths);
    if (take(rest, ")")) out += ')';
  }
  if (!rest.empty()) return std::nullopt;
  return out;
}

}  // namespace yard::abc
