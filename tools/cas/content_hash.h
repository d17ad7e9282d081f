// ContentHash: the name of content, and ContentHasher, which computes it as the bytes come.
#pragma once

#include <sodium/crypto_generichash.h>

#include <compare>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::tools {

// "blake2b-256:" and 64 lower-case hex digits. A name of any other form can't exist, so none can
// leave the store's folder.
class ContentHash {
 public:
  static constexpr std::string_view kAlgorithm = "blake2b-256";
  static constexpr std::size_t kDigits = 64;

  // Errors: kInvalidArguments for anything but the one form, upper-case digits included.
  [[nodiscard]] static Result<ContentHash> parse(std::string_view text);
  [[nodiscard]] static ContentHash of(BytesView bytes);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view digits() const { return std::string_view(text_).substr(kAlgorithm.size() + 1); }

  auto operator<=>(const ContentHash&) const = default;

 private:
  friend class ContentHasher;
  explicit ContentHash(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// BLAKE2b with 32 bytes of digest, without a key.
// Source: RFC 7693.
class ContentHasher {
 public:
  ContentHasher();
  void add(BytesView bytes);

  // Once, at the end.
  [[nodiscard]] ContentHash finish();

 private:
  crypto_generichash_state state_;
};

}  // namespace yard::tools
