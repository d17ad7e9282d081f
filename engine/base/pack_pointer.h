// JSON pointers into msgpack values.
#pragma once

#include <string_view>

#include "engine/base/pack.h"

namespace yard {

// What `pointer` (RFC 6901: "/regions/0/name"; empty: the whole value) finds in `value`, which is checked; nothing
// where it finds nothing.
[[nodiscard]] PackView at_pointer(PackView value, std::string_view pointer);

// Whether it has the form of one.
[[nodiscard]] bool is_pointer(std::string_view pointer);

}  // namespace yard
