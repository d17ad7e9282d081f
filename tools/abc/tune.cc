#include "tools/abc/tune.h"

#include "tools/abc/abc.h"

namespace yard::abc {

std::size_t count_notes(const Tune& tune) {
  std::size_t notes = 0;
  for (const Element& element : tune.body) {
    if (std::holds_alternative<Note>(element.value)) ++notes;
    if (const auto* chord = std::get_if<Chord>(&element.value)) notes += chord->notes.size();
  }
  return notes;
}

const Tune* find_tune(const Tunebook& book, std::optional<std::uint32_t> number) {
  for (const Tune& tune : book.tunes) {
    if (!number || (tune.has_number && tune.number == *number)) return &tune;
  }
  return nullptr;
}

Result<const Tune*> require_tune(const Parsed& parsed, std::optional<std::uint32_t> number) {
  if (const Tune* tune = find_tune(parsed.book, number)) return tune;
  if (number && !parsed.book.tunes.empty()) {
    return fail(ErrorCode::kInvalidArguments, "abc: there is no tune X:" + std::to_string(*number) + " in it", "/tune");
  }
  const Diagnostic& first = parsed.diagnostics.front();
  const ErrorCode code = first.code == "too_large" ? ErrorCode::kTooLarge : ErrorCode::kInvalidArguments;
  return fail(code, "abc: " + first.message, "/abc");
}

std::vector<TuneEntry> list_tunes(const Tunebook& book) {
  std::vector<TuneEntry> entries;
  entries.reserve(book.tunes.size());
  for (const Tune& tune : book.tunes) {
    entries.push_back({.number = tune.number, .title = tune.title, .key = to_string(tune.key.key), .span = tune.span});
  }
  return entries;
}

}  // namespace yard::abc
