#include "tools/bytes_argument.h"

#include "engine/base/base64.h"

namespace yard::tools {

Result<Bytes> bytes_argument(PackView value) {
  if (const auto binary = value.binary()) return Bytes(*binary);
  const auto text = value.string();
  if (!text) return fail(ErrorCode::kInvalidArguments, "expected bytes");
  auto decoded = from_base64(*text);
  if (!decoded) return fail(ErrorCode::kInvalidArguments, decoded.error().message);
  return decoded;
}

}  // namespace yard::tools
