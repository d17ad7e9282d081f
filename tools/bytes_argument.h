// Arguments that are bytes.
#pragma once

#include "engine/base/pack.h"

namespace yard::tools {

// The bytes of an argument declared with contentEncoding base64: a binary as it is, or base64 text
// decoded. Errors: kInvalidArguments.
[[nodiscard]] Result<Bytes> bytes_argument(PackView value);

}  // namespace yard::tools
