// One form for values that are equal.
#pragma once

#include "engine/base/pack.h"

namespace yard {

// The same value with its maps' keys in the order of their bytes, and everything packed as tightly as can be: equal
// values become equal bytes. An integer and a real are different values, even 3 and 3.0. `value` is checked.
[[nodiscard]] Bytes canonical_pack(PackView value);

}  // namespace yard
