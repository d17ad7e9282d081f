#include "tools/abc/tools.h"

#include "tools/abc/abc.h"
#include "tools/abc/pack_tree.h"
#include "tools/abc/transpose.h"

namespace yard::tools {
namespace {

// Below what one message may carry, with room for the reply around it.
constexpr std::size_t kResultBytesMax = 7 * 512 * 1024;

constexpr std::string_view kAbcArguments = R"json({
  "type": "object",
  "properties": {
    "abc": {"type": "string", "maxLength": 262144, "description": "One tune or several, in ABC 2.1"}
  },
  "required": ["abc"],
  "additionalProperties": false
})json";

constexpr std::string_view kParseResult = R"json({
  "type": "object",
  "properties": {
    "valid": {"type": "boolean", "description": "No errors; warnings are allowed"},
    "title": {"type": "string", "description": "Of the first tune, as are key, meter and tempo"},
    "key": {"type": "string", "description": "With its mode: D, Em, Ador, none"},
    "meter": {"type": "string", "description": "As written: 6/8, C|, none"},
    "tempo": {"type": "integer", "description": "Beats a minute"},
    "notes_count": {"type": "integer", "description": "Of all tunes: those of chords singly, grace notes not"},
    "tunes": {"type": "array", "items": {"type": "object"}, "description": "The syntax tree: header, directives, voices (an element's voice is an index into them) and elements in the order of the text. Spans are [offset, length, line, column], in bytes and characters, lines and columns from 1; durations are [numerator, denominator] of a whole note, with tuplets and broken rhythm applied"},
    "diagnostics": {"type": "array", "items": {"type": "object"}, "description": "severity (error or warning), code, message, line, column, length"}
  },
  "required": ["valid", "notes_count", "tunes", "diagnostics"]
})json";

constexpr std::string_view kValidateResult = R"json({
  "type": "object",
  "properties": {
    "valid": {"type": "boolean", "description": "No errors; warnings are allowed"},
    "errors": {"type": "array", "items": {"type": "object"}, "description": "line, column, code, message"},
    "warnings": {"type": "array", "items": {"type": "object"}, "description": "line, column, code, message"}
  },
  "required": ["valid", "errors", "warnings"]
})json";

constexpr std::string_view kTransposeArguments = R"json({
  "type": "object",
  "properties": {
    "abc": {"type": "string", "maxLength": 262144, "description": "One tune or several, in ABC 2.1"},
    "semitones": {"type": "integer", "minimum": -60, "maximum": 60, "description": "How far, up or down"},
    "target_key": {"type": "string", "minLength": 1, "maxLength": 32, "description": "Where to: the tonic, Eb or F#m; alone it is reached the shorter way, with semitones it says how to spell the result"}
  },
  "required": ["abc"],
  "additionalProperties": false
})json";

constexpr std::string_view kTransposeResult = R"json({
  "type": "object",
  "properties": {
    "abc": {"type": "string"},
    "original_key": {"type": "string", "description": "Of the first tune"},
    "new_key": {"type": "string"},
    "semitones": {"type": "integer"},
    "tunes": {"type": "array", "items": {"type": "object"}, "description": "Of every tune: number, original_key, new_key, semitones"}
  },
  "required": ["abc", "original_key", "new_key", "semitones", "tunes"]
})json";

Status too_large() {
  return fail(ErrorCode::kTooLarge, "the result would not fit into one message; send fewer tunes at once", "/abc");
}

void write_summary(PackMap& map, const abc::Tune& tune) {
  if (!tune.title.empty()) map.string("title", tune.title);
  if (tune.has_key) map.string("key", to_string(tune.key.key));
  if (!tune.meter.free) map.string("meter", to_string(tune.meter));
  if (tune.tempo && tune.tempo->per_minute > 0) map.natural("tempo", tune.tempo->per_minute);
}

Status abc_parse(PackView arguments, PackWriter& result) {
  const abc::Parsed parsed = abc::parse(arguments.find("abc").string_or(""));
  const auto& tunes = parsed.book.tunes;
  std::size_t notes = 0;
  for (const abc::Tune& tune : tunes) notes += count_notes(tune);
  PackMap map(result);
  map.boolean("valid", parsed.valid());
  if (!tunes.empty()) write_summary(map, tunes.front());
  map.natural("notes_count", notes);
  abc::write_diagnostics(map.value("diagnostics"), parsed.diagnostics);
  if (!abc::write_tunes(map.value("tunes"), tunes, kResultBytesMax)) return too_large();
  return {};
}

void write_complaints(PackWriter& writer, const abc::Parsed& parsed, abc::Severity severity) {
  PackArray list(writer);
  for (const abc::Diagnostic& diagnostic : parsed.diagnostics) {
    if (diagnostic.severity != severity) continue;
    PackMap item = list.map();
    item.natural("line", diagnostic.span.line).natural("column", diagnostic.span.column);
    item.string("code", diagnostic.code).string("message", diagnostic.message);
  }
}

Status abc_validate(PackView arguments, PackWriter& result) {
  const abc::Parsed parsed = abc::parse(arguments.find("abc").string_or(""));
  PackMap map(result);
  map.boolean("valid", parsed.valid());
  write_complaints(map.value("errors"), parsed, abc::Severity::kError);
  write_complaints(map.value("warnings"), parsed, abc::Severity::kWarning);
  return {};
}

void write_moved(PackMap& map, const abc::TransposedTune& tune) {
  map.string("original_key", tune.original_key).string("new_key", tune.new_key).integer("semitones", tune.semitones);
}

Status abc_transpose(PackView arguments, PackWriter& result) {
  const PackView semitones = arguments.find("semitones");
  const PackView target_key = arguments.find("target_key");
  if (!semitones && !target_key) {
    return fail(ErrorCode::kInvalidArguments, "say how far (semitones) or where to (target_key)", "/semitones");
  }
  abc::TransposeOptions options;
  if (semitones) options.semitones = static_cast<int>(semitones.integer_or(0));
  if (target_key) options.target_key = target_key.string_or("");
  YARD_TRY(const abc::Transposed moved, abc::transpose(arguments.find("abc").string_or(""), options));
  if (moved.abc.size() > kResultBytesMax) return too_large();
  PackMap map(result);
  map.string("abc", moved.abc);
  write_moved(map, moved.tunes.front());
  PackArray tunes = map.array("tunes");
  for (const abc::TransposedTune& tune : moved.tunes) {
    PackMap item = tunes.map();
    item.natural("number", tune.number);
    write_moved(item, tune);
  }
  return {};
}

using Function = Status (*)(PackView arguments, PackWriter& result);

// What all three have in common: they read one text and keep nothing.
Status add(Registry& registry, Function function, ToolSpec spec) {
  spec.kind = ToolKind::kImmediate;
  spec.read_only = true;
  spec.idempotent = true;
  spec.handler = ImmediateHandler(
      [function](PackView arguments, InlineContext&, PackWriter& result) { return function(arguments, result); });
  return registry.add(std::move(spec));
}

}  // namespace

Status add_abc_tools(Registry& registry) {
  YARD_TRY_STATUS(
      add(registry, abc_parse,
          {.name = "abc_parse",
           .title = "Parse ABC",
           .description = "Reads ABC notation, errors or not, and returns its syntax tree with the place of "
                          "every element in the text, and what is wrong with it.",
           .arguments = std::string(kAbcArguments),
           .result = std::string(kParseResult)}));
  YARD_TRY_STATUS(add(registry, abc_validate,
                      {.name = "abc_validate",
                       .title = "Check ABC",
                       .description = "Says whether ABC notation is valid; each error and warning has its line and "
                                      "column. Call it before rendering what was written by hand.",
                       .arguments = std::string(kAbcArguments),
                       .result = std::string(kValidateResult)}));
  return add(registry, abc_transpose,
             {.name = "abc_transpose",
              .title = "Transpose ABC",
              .description = "Moves all tunes of an ABC text by semitones, or the first one to a key and the others by "
                             "as much. Notes are spelled by the new key; all that is no pitch stays as it was.",
              .arguments = std::string(kTransposeArguments),
              .result = std::string(kTransposeResult)});
}

}  // namespace yard::tools
