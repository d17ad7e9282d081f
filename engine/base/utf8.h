// UTF-8 well-formedness.
#pragma once

#include <string_view>

namespace yard {

// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
// Source: The Unicode Standard, table 3-7.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace yard
