// Reading ABC (2.1, abcnotation.com/wiki/abc:standard:v2.1).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "tools/abc/source.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// Limits of one text. What is beyond is not read and says so with an error diagnostic, "too_large".
inline constexpr std::size_t kTunesMax = 2'000;
inline constexpr std::size_t kElementsMax = 100'000;  // of all bodies; about 13 MB of tree
inline constexpr std::size_t kVoicesMax = 64;         // of one tune
inline constexpr std::size_t kDiagnosticsMax = 200;   // the last one then says that there are more

struct Parsed {
  Tunebook book;
  std::vector<Diagnostic> diagnostics;  // in the order of the text, roughly

  // No errors: warnings are allowed.
  [[nodiscard]] bool valid() const;
};

// Reads `text` whole, errors or not: what can be understood is in the tree, what can't be is in the diagnostics.
//
// Cost:    linear in the text, without recursion; a text above kTextBytesMax is not read at all.
// Lifetime: the result borrows nothing.
// Threads: any.
[[nodiscard]] Parsed parse(std::string_view text);

// The tune with X: `number`, or the first tune where there is no number asked for. Null where there is none.
[[nodiscard]] const Tune* find_tune(const Tunebook& book, std::optional<std::uint32_t> number);

// find_tune for callers who need one. Errors: kInvalidArguments, with what is wrong and where (a text without any
// tune, or without this one), or kTooLarge.
[[nodiscard]] Result<const Tune*> require_tune(const Parsed& parsed, std::optional<std::uint32_t> number);

// A tune of a book, as a table of contents has it.
struct TuneEntry {
  std::uint32_t number = 0;  // X:
  std::string title;
  std::string key;
  Span span;
};

[[nodiscard]] std::vector<TuneEntry> list_tunes(const Tunebook& book);

}  // namespace yard::abc
