#include "tools/abc/pack_tree.h"

namespace yard::abc {
namespace {

void write_span(PackMap& map, const Span& span) {
  map.array("span").integer(span.offset).integer(span.length).integer(span.line).integer(span.column);
}

void write_fraction(PackMap& map, std::string_view key, const Fraction& fraction) {
  map.array(key).integer(fraction.numerator).integer(fraction.denominator);
}

void write_directive(PackMap& map, const Directive& directive) {
  map.string("name", directive.name).string("value", directive.value);
}

void write_tempo(PackMap& map, const Tempo& tempo) {
  if (tempo.per_minute > 0) map.natural("per_minute", tempo.per_minute);
  if (tempo.has_beat) write_fraction(map, "beat", tempo.beat);
  if (!tempo.text.empty()) map.string("text", tempo.text);
}

void write_pitch(PackMap& map, const Note& note) {
  map.string("letter", {&note.letter, 1}).integer("octave", note.octave);
  if (note.accidental) map.integer("accidental", *note.accidental);
  write_fraction(map, "duration", note.duration);
  if (note.tied) map.boolean("tied", true);
}

void write_notes(PackMap& map, std::span<const Note> notes) {
  PackArray list = map.array("notes");
  for (const Note& note : notes) {
    PackMap item = list.map();
    write_span(item, note.span);
    write_pitch(item, note);
    if (note.with_previous) item.boolean("with_previous", true);
  }
}

// Writes the type of an element and what it has beside span and voice.
struct ElementWriter {
  PackMap& map;

  void operator()(const Note& note) const {
    map.string("type", "note");
    write_pitch(map, note);
  }
  void operator()(const Chord& chord) const {
    map.string("type", "chord");
    write_fraction(map, "duration", chord.duration);
    write_notes(map, chord.notes);
  }
  void operator()(const Rest& rest) const {
    map.string("type", "rest").string("symbol", {&rest.symbol, 1});
    write_fraction(map, "duration", rest.duration);
    if (rest.bars > 0) map.natural("bars", rest.bars);
  }
  void operator()(const GraceGroup& grace) const {
    map.string("type", "grace").boolean("acciaccatura", grace.acciaccatura);
    write_notes(map, grace.notes);
  }
  void operator()(const Bar& bar) const {
    map.string("type", "bar").boolean("heavy", bar.heavy);
    map.natural("repeat_ends", bar.repeat_ends).natural("repeat_starts", bar.repeat_starts);
  }
  void operator()(const Ending& ending) const {
    map.string("type", "ending");
    PackArray passes = map.array("passes");
    for (const std::uint8_t pass : ending.passes) passes.integer(pass);
  }
  void operator()(const Tuplet& tuplet) const {
    map.string("type", "tuplet").natural("p", tuplet.p).natural("q", tuplet.q).natural("r", tuplet.r);
  }
  void operator()(const BrokenRhythm& broken) const {
    map.string("type", "broken_rhythm").string("direction", {&broken.direction, 1}).natural("count", broken.count);
  }
  void operator()(const Decoration& decoration) const {
    map.string("type", "decoration").string("name", decoration.name);
  }
  void operator()(const ChordSymbol& symbol) const { map.string("type", "chord_symbol").string("text", symbol.text); }
  void operator()(const Annotation& annotation) const {
    map.string("type", "annotation").string("placement", {&annotation.placement, 1}).string("text", annotation.text);
  }
  void operator()(const Slur& slur) const { map.string("type", slur.begins ? "slur_begin" : "slur_end"); }
  void operator()(const Spacer&) const { map.string("type", "spacer"); }
  void operator()(const Overlay&) const { map.string("type", "overlay"); }
  void operator()(const Meter& meter) const { map.string("type", "meter").string("meter", to_string(meter)); }
  void operator()(const Tempo& tempo) const {
    map.string("type", "tempo");
    write_tempo(map, tempo);
  }
  void operator()(const KeyChange& change) const {
    map.string("type", "key");
    if (change.has_key) map.string("key", to_string(change.key));
  }
  void operator()(const UnitLength& length) const {
    map.string("type", "unit_length");
    write_fraction(map, "unit", length.unit);
  }
  void operator()(const VoiceChange&) const { map.string("type", "voice"); }
  void operator()(const PartLabel& part) const { map.string("type", "part").string("label", part.label); }
  void operator()(const Lyrics& lyrics) const { map.string("type", "lyrics").string("text", lyrics.text); }
  void operator()(const Directive& directive) const {
    map.string("type", "directive");
    write_directive(map, directive);
  }
  void operator()(const Field& field) const {
    map.string("type", "field").string("letter", {&field.letter, 1}).string("value", field.value);
  }
  void operator()(const Comment&) const { map.string("type", "comment"); }
};

void write_header(PackMap& map, const Tune& tune) {
  PackArray header = map.array("header");
  for (const HeaderField& field : tune.header) {
    PackMap item = header.map();
    write_span(item, field.span);
    item.string("letter", {&field.letter, 1}).string("value", field.value);
  }
}

void write_voices(PackMap& map, const Tune& tune) {
  PackArray voices = map.array("voices");
  for (const Voice& voice : tune.voices) {
    PackMap item = voices.map();
    item.string("id", voice.id).integer("octave", voice.octave).integer("transpose", voice.transpose);
    if (!voice.name.empty()) item.string("name", voice.name);
    if (!voice.clef.empty()) item.string("clef", voice.clef);
    if (voice.percussion) item.boolean("percussion", true);
  }
}

void write_directives(PackMap& map, const Tune& tune) {
  PackArray directives = map.array("directives");
  for (const Directive& directive : tune.directives) {
    PackMap item = directives.map();
    write_directive(item, directive);
  }
}

void write_facts(PackMap& map, const Tune& tune) {
  if (tune.has_number) map.natural("number", tune.number);
  map.string("title", tune.title);
  write_span(map, tune.span);
  if (tune.has_key) map.string("key", to_string(tune.key.key));
  map.string("meter", to_string(tune.meter));
  write_fraction(map, "unit_length", tune.unit);
  if (tune.tempo) {
    PackMap tempo = map.map("tempo");
    write_tempo(tempo, *tune.tempo);
  }
  if (!tune.parts.empty()) map.string("parts", tune.parts);
  map.natural("notes_count", count_notes(tune));
}

bool write_body(PackWriter& writer, PackMap& map, const Tune& tune, std::size_t bytes_max) {
  PackArray elements = map.array("elements");
  for (const Element& element : tune.body) {
    if (writer.out().size() > bytes_max) return false;
    PackMap item = elements.map();
    write_span(item, element.span);
    item.natural("voice", element.voice);
    std::visit(ElementWriter{item}, element.value);
  }
  return true;
}

}  // namespace

std::string to_string(const Meter& meter) {
  if (meter.free) return "none";
  if (!meter.text.empty()) return meter.text;
  return std::to_string(meter.numerator) + '/' + std::to_string(meter.denominator);
}

bool write_tunes(PackWriter& writer, std::span<const Tune> tunes, std::size_t bytes_max) {
  PackArray list(writer);
  for (const Tune& tune : tunes) {
    if (writer.out().size() > bytes_max) return false;
    PackMap map = list.map();
    write_facts(map, tune);
    write_header(map, tune);
    write_directives(map, tune);
    write_voices(map, tune);
    if (!write_body(writer, map, tune, bytes_max)) return false;
  }
  return writer.out().size() <= bytes_max;
}

void write_diagnostics(PackWriter& writer, std::span<const Diagnostic> diagnostics) {
  PackArray list(writer);
  for (const Diagnostic& diagnostic : diagnostics) {
    PackMap item = list.map();
    item.string("severity", diagnostic.severity == Severity::kError ? "error" : "warning");
    item.string("code", diagnostic.code).string("message", diagnostic.message);
    item.natural("line", diagnostic.span.line).natural("column", diagnostic.span.column);
    item.natural("length", diagnostic.span.length);
  }
}

}  // namespace yard::abc
