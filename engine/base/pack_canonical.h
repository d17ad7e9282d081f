// One form for values that are equal.
#pragma once

#include "engine/base/pack.h"

namespace yard {

// The same value with its maps' keys in the order of their bytes, and everything packed as tightly as can be: equal
// values become equal bytes. 3.0 is 3, as JSON Schema has it. `value` is checked.
[[nodiscard]] Bytes canonical_pack(PackView value);

}  // namespace yard
