// base64, for bytes that have to pass through JSON.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard {

// The standard alphabet, padded.
[[nodiscard]] std::string to_base64(BytesView bytes);

// Errors: kBadRequest for anything but padded base64 of the standard alphabet.
// Source: RFC 4648 section 4.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

}  // namespace yard
