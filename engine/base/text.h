// Text from outside, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace yard {

// At most `most` characters of `text`, everything but printable ASCII replaced by '?', "…" spelled as
// three dots where it was cut: safe in an error message, a log line and a terminal.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 64);

}  // namespace yard
