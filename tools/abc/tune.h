// The syntax tree of ABC: a tunebook, its tunes, their fields, voices and bodies.
//
// The body is one list in source order; each element names its voice. Lengths are effective, in whole notes: L:, broken
// rhythm and tuplets are already applied. Pitches are as written: signature and bar accidentals come with
// resolve_pitches (pitches.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/abc/fraction.h"
#include "tools/abc/key.h"
#include "tools/abc/source.h"

namespace yard::abc {

// A text that is larger is refused whole: the parser runs on the broker's own thread.
inline constexpr std::size_t kTextBytesMax = 256 * 1024;

struct Note {
  Span span;                                   // accidental, letter, octave marks, length, tie
  Span pitch_span;                             // accidental, letter, octave marks
  char letter = 'C';                           // 'A' to 'G'
  std::int8_t octave = 4;                      // of the written note: C is 4 (middle C), c is 5
  std::optional<std::int8_t> accidental = {};  // as written, -2 to 2; none: the signature's or the bar's
  bool tied = false;                           // to the next note of this pitch
  bool with_previous = false;                  // in a grace group: sounds together with the note before it
  Fraction duration = {.numerator = 1, .denominator = 8};
};

struct Chord {
  std::vector<Note> notes;
  Fraction duration;  // of its first note, which is what time it takes
};

struct Rest {
  char symbol = 'z';       // z, x (invisible), Z, X (whole bars)
  std::uint32_t bars = 0;  // Z and X
  Fraction duration;
};

struct GraceGroup {
  bool acciaccatura = false;  // {/…}
  std::vector<Note> notes;    // with lengths as written; how long they sound is the player's choice
};

struct Bar {
  std::uint8_t repeat_ends = 0;    // ':' before the line: 1 plays the section twice
  std::uint8_t repeat_starts = 0;  // ':' after it
  bool heavy = false;              // "||", "|]", "[|": a section's end
};

// A first, second, … ending: played in these passes.
struct Ending {
  std::vector<std::uint8_t> passes;  // empty for a label that is no number
};

struct Tuplet {
  std::uint32_t p = 3;  // p notes
  std::uint32_t q = 2;  // in the time of q
  std::uint32_t r = 3;  // for the next r notes
};

struct BrokenRhythm {
  char direction = '>';
  std::uint8_t count = 1;
};

struct Decoration {
  std::string name;  // "trill", "staccato", …; a short form is expanded
};

struct ChordSymbol {
  std::string text;
};

struct Annotation {
  char placement = '^';  // ^ _ < > @
  std::string text;
};

struct Slur {
  bool begins = true;
};

struct Spacer {};

// `&`: time goes back to the start of the bar.
struct Overlay {};

struct Meter {
  bool free = true;  // none, or no M: at all
  std::uint32_t numerator = 4;
  std::uint32_t denominator = 4;
  std::string text = {};  // as written: "C|", "2+3/8"
};

struct Tempo {
  Fraction beat = {.numerator = 1, .denominator = 4};
  std::uint32_t per_minute = 0;  // 0: only words
  bool has_beat = false;         // false: "Q:120"
  std::string text = {};         // the words, without quotes
};

// K: with what a voice's settings may say beside it.
struct KeyChange {
  Key key;
  bool has_key = true;
  std::uint32_t value_offset = 0;  // of the field's value in the source
};

struct UnitLength {
  Fraction unit;
};

struct VoiceChange {};  // the element's voice is the new one

struct PartLabel {
  std::string label;
};

// w: one line of lyrics under the notes before it.
struct Lyrics {
  std::string text;
};

// %%… or I:…, such as "MIDI" with "program 40".
struct Directive {
  std::string name;
  std::string value;
  std::optional<std::uint16_t> voice = {};  // in a header, after V:: that voice only
};

// Any other field, header or body, with its value trimmed.
struct Field {
  char letter = 'N';
  std::string value;
};

struct Comment {};

using ElementValue = std::variant<Note, Chord, Rest, GraceGroup, Bar, Ending, Tuplet, BrokenRhythm, Decoration,
                                  ChordSymbol, Annotation, Slur, Spacer, Overlay, Meter, Tempo, KeyChange, UnitLength,
                                  VoiceChange, PartLabel, Lyrics, Directive, Field, Comment>;

struct Element {
  Span span;
  std::uint16_t voice = 0;  // index into Tune::voices
  ElementValue value;
};

struct Voice {
  std::string id;  // empty for the voice of a tune without V:
  std::string name = {};
  std::string clef = {};
  int octave = 0;     // octave=, and the 8 of treble-8
  int transpose = 0;  // transpose=, in semitones, for sound only
  bool percussion = false;
  Span span = {};  // of its first V:
};

// A field of the header, in order; X: and K: included.
struct HeaderField {
  Span span;
  char letter = 'T';
  std::string value;
};

struct Tune {
  Span span;                 // from its first field to its last line
  std::uint32_t number = 0;  // X:
  bool has_number = false;
  bool has_key = false;
  std::string title = {};  // the first T:
  KeyChange key = {};      // the K: that ends the header
  Span key_span = {};      // of that field
  Meter meter = {};
  Fraction unit = {.numerator = 1, .denominator = 8};
  std::optional<Tempo> tempo = {};
  std::string parts = {};  // P: of the header, such as "AABB"
  std::vector<HeaderField> header = {};
  std::vector<Directive> directives = {};  // of the header and of the file's
  std::vector<Voice> voices = {};          // at least one
  std::vector<Element> body = {};
};

struct Tunebook {
  std::vector<HeaderField> header = {};  // the file header: fields before the first tune
  std::vector<Tune> tunes = {};
};

// Notes as a reader counts them: those of chords singly, grace notes not.
[[nodiscard]] std::size_t count_notes(const Tune& tune);

}  // namespace yard::abc
