// Parsed ABC as short strings, so that a test's row says what it expects.
#pragma once

#include <string>
#include <string_view>

#include "tools/abc/abc.h"

namespace yard::abc::testing {

// A tune in C, M:4/4, L:1/8; the music begins on line 6.
inline std::string tune_of(std::string_view music, std::string_view meter = "4/4") {
  return "X:1\nT:Test\nM:" + std::string(meter) + "\nL:1/8\nK:C\n" + std::string(music) + "\n";
}

inline std::string written(const Fraction& fraction) {
  return std::to_string(fraction.numerator) + "/" + std::to_string(fraction.denominator);
}

// "^F4:1/8-": accidental, letter, octave, duration, tie.
inline std::string written(const Note& note) {
  constexpr std::string_view kMarks[] = {"__", "_", "=", "^", "^^"};
  std::string text;
  if (note.accidental) text += kMarks[*note.accidental + 2];
  text += note.letter + std::to_string(note.octave) + ":" + written(note.duration);
  return note.tied ? text + "-" : text;
}

struct Written {
  std::string operator()(const Note& note) const { return written(note); }
  std::string operator()(const Chord& chord) const {
    std::string text;
    for (const Note& note : chord.notes) text += (text.empty() ? "[" : " ") + written(note);
    return text + "]" + written(chord.duration);
  }
  std::string operator()(const Rest& rest) const { return rest.symbol + (":" + written(rest.duration)); }
  std::string operator()(const GraceGroup& grace) const {
    std::string text = grace.acciaccatura ? "{/" : "{";
    for (const Note& note : grace.notes) text += (note.with_previous ? "+" : " ") + written(note);
    return text + "}";
  }
  std::string operator()(const Bar& bar) const {
    return std::string(bar.repeat_ends, ':') + (bar.heavy ? "||" : "|") + std::string(bar.repeat_starts, ':');
  }
  std::string operator()(const Ending& ending) const {
    std::string text = "(";
    for (const std::uint8_t pass : ending.passes) text += std::to_string(pass) + ",";
    return text + ")";
  }
  std::string operator()(const Decoration& decoration) const { return "!" + decoration.name + "!"; }
  std::string operator()(const ChordSymbol& symbol) const { return "\"" + symbol.text + "\""; }
  std::string operator()(const Annotation& annotation) const {
    return "\"" + std::string(1, annotation.placement) + annotation.text + "\"";
  }
  std::string operator()(const Lyrics& lyrics) const { return "w:" + lyrics.text; }
  std::string operator()(const Meter& meter) const {
    return "M:" + std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator);
  }
  std::string operator()(const KeyChange& change) const { return "K:" + to_string(change.key); }
  std::string operator()(const UnitLength& length) const { return "L:" + written(length.unit); }
  std::string operator()(const Tempo& tempo) const {
    return "Q:" + written(tempo.beat) + "=" + std::to_string(tempo.per_minute);
  }
  std::string operator()(const PartLabel& part) const { return "P:" + part.label; }
  std::string operator()(const Slur& slur) const { return slur.begins ? "(" : ")"; }
  std::string operator()(const Overlay&) const { return "&"; }
  std::string operator()(const Directive& directive) const { return "%%" + directive.name + " " + directive.value; }
  std::string operator()(const Field& field) const { return std::string(1, field.letter) + ":" + field.value; }
  // What changes no time and no pitch by itself.
  std::string operator()(const Tuplet&) const { return {}; }
  std::string operator()(const BrokenRhythm&) const { return {}; }
  std::string operator()(const Spacer&) const { return {}; }
  std::string operator()(const VoiceChange&) const { return {}; }
  std::string operator()(const Comment&) const { return {}; }
};

// The body of a tune, one voice or all.
inline std::string written(const Tune& tune, std::optional<std::uint16_t> voice = {}) {
  std::string text;
  for (const Element& element : tune.body) {
    if (voice && element.voice != *voice) continue;
    const std::string one = std::visit(Written{}, element.value);
    if (one.empty()) continue;
    if (!text.empty()) text += ' ';
    text += one;
  }
  return text;
}

// "error unclosed_chord 6:3", one after another.
inline std::string written(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += ", ";
    text += diagnostic.severity == Severity::kError ? "error " : "warning ";
    text += std::string(diagnostic.code) + " " + std::to_string(diagnostic.span.line) + ":" +
            std::to_string(diagnostic.span.column);
  }
  return text;
}

// The body of the first tune of a text without any diagnostic; else the diagnostics.
inline std::string clean_body(std::string_view text) {
  const Parsed parsed = parse(text);
  if (!parsed.diagnostics.empty()) return written(parsed.diagnostics);
  return written(parsed.book.tunes.at(0));
}

}  // namespace yard::abc::testing
