#include "tools/cas/content_hash.h"

#include <algorithm>
#include <array>

namespace yard::tools {
namespace {

constexpr std::size_t kDigestBytes = ContentHash::kDigits / 2;

// libsodium takes unsigned bytes.
const unsigned char* octets(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Result<ContentHash> ContentHash::parse(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const std::size_t colon = kAlgorithm.size();
  if (text.size() != colon + 1 + kDigits || !text.starts_with(kAlgorithm) || text[colon] != ':' ||
      !std::ranges::all_of(text.substr(colon + 1), is_digit)) {
    return fail(ErrorCode::kInvalidArguments, "expected a content hash: blake2b-256: and 64 lower-case hex digits");
  }
  return ContentHash(std::string(text));
}

ContentHash ContentHash::of(BytesView bytes) {
  ContentHasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

ContentHasher::ContentHasher() { crypto_generichash_init(&state_, nullptr, 0, kDigestBytes); }

void ContentHasher::add(BytesView bytes) { crypto_generichash_update(&state_, octets(bytes), bytes.size()); }

ContentHash ContentHasher::finish() {
  std::array<unsigned char, kDigestBytes> digest = {};
  crypto_generichash_final(&state_, digest.data(), digest.size());
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text(ContentHash::kAlgorithm);
  text += ':';
  for (const unsigned char octet : digest) {
    text += kHex[octet >> 4];
    text += kHex[octet & 15];
  }
  return ContentHash(std::move(text));
}

}  // namespace yard::tools
