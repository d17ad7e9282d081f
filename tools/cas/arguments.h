// Arguments that several families of tools read the same way.
#pragma once

#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "tools/cas/content_hash.h"

namespace yard::tools {

// The content hash under `key`. Errors: kInvalidArguments, pointing at it.
[[nodiscard]] inline Result<ContentHash> hash_argument(PackView arguments, std::string_view key) {
  auto hash = ContentHash::parse(arguments.find(key).string_or(""));
  if (!hash) hash.error().pointer = "/" + std::string(key);
  return hash;
}

// A media type of RFC 6838, with or without parameters. Errors: kInvalidArguments, pointing at /mime_type.
[[nodiscard]] inline Status check_mime_type(std::string_view mime_type) {
  const std::size_t slash = mime_type.find('/');
  bool printable = true;
  for (const char c : mime_type) printable = printable && c >= ' ' && c <= '~';
  if (printable && slash != std::string_view::npos && slash > 0 && slash + 1 < mime_type.size()) return {};
  return fail(ErrorCode::kInvalidArguments, "expected a media type such as audio/wav", "/mime_type");
}

}  // namespace yard::tools
