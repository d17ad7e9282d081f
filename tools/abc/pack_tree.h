// The syntax tree as msgpack: what abc_parse returns.
#pragma once

#include <span>

#include "engine/base/pack.h"
#include "tools/abc/source.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// Writes `tunes` as an array of maps. Spans are [offset, length, line, column], fractions [numerator, denominator].
//
// Stops and returns false once the writer's bytes exceed `bytes_max`; what was written then is of no use.
[[nodiscard]] bool write_tunes(PackWriter& writer, std::span<const Tune> tunes, std::size_t bytes_max);

// Writes what each of `diagnostics` says: severity, code, message, line, column, length.
void write_diagnostics(PackWriter& writer, std::span<const Diagnostic> diagnostics);

// "6/8", "C|", "none".
[[nodiscard]] std::string to_string(const Meter& meter);

}  // namespace yard::abc
