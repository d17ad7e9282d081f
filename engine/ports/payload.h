// Payload: what travels from port to port, in two registers.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "engine/base/check.h"
#include "engine/base/pack.h"

namespace yard::ports {

// kPulse says only that something happens. kPacked is one checked msgpack value.
enum class PayloadKind : std::uint8_t { kPulse, kBoolean, kInteger, kReal, kText, kBytes, kPacked };

inline constexpr std::size_t kPayloadBytesMax = std::size_t{16} << 20;  // of one payload: it fits a record

// A number lies in it. Bytes are borrowed, and never copied on their way: whoever dispatches keeps them until
// dispatch() returns, what a handler makes is kept by Hop::keep() until the ticket ends. Who wants to have them longer
// copies them.
class Payload {
 public:
  Payload() = default;
  Payload(std::same_as<bool> auto value)
      : bits_(value ? 1 : 0), head_(head_of(PayloadKind::kBoolean)) {}  // NOLINT: a value
  template <std::integral T>
    requires(!std::same_as<T, bool> && (std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t)))
  Payload(T value)  // NOLINT: a value
      : bits_(std::bit_cast<std::uint64_t>(static_cast<std::int64_t>(value))), head_(head_of(PayloadKind::kInteger)) {}
  Payload(std::floating_point auto value)  // NOLINT: a value
      : bits_(std::bit_cast<std::uint64_t>(static_cast<double>(value))), head_(head_of(PayloadKind::kReal)) {}
  // UTF-8, where it is to leave the network.
  [[nodiscard]] static Payload text(std::string_view text) { return {PayloadKind::kText, text}; }
  [[nodiscard]] static Payload bytes(BytesView bytes) { return {PayloadKind::kBytes, bytes}; }
  // `value` starts with a value that check_pack_prefix accepted.
  [[nodiscard]] static Payload packed(PackView value) { return {PayloadKind::kPacked, value.bytes()}; }
  // The same as the scalar, text or binary that `value` is; kPacked for containers.
  [[nodiscard]] static Payload of(PackView value);

  [[nodiscard]] PayloadKind kind() const { return static_cast<PayloadKind>(head_ & 0xFF); }
  // Of kText, kBytes, kPacked; else empty.
  [[nodiscard]] BytesView view() const {
    return kind() < PayloadKind::kText ? BytesView() : BytesView(data(), head_ >> kSizeShift);
  }

  // The value as a handler wants it, or nothing: bool, std::int64_t, double (an integer will do), std::string_view (a
  // text), PackView (kPacked), Payload (anything).
  template <typename T>
  [[nodiscard]] std::optional<T> get() const {
    if constexpr (std::same_as<T, Payload>) {
      return *this;
    } else if constexpr (std::same_as<T, bool>) {
      return kind() == PayloadKind::kBoolean ? std::optional(bits_ != 0) : std::nullopt;
    } else if constexpr (std::same_as<T, std::int64_t>) {
      return kind() == PayloadKind::kInteger ? std::optional(integer()) : std::nullopt;
    } else if constexpr (std::same_as<T, double>) {
      if (kind() == PayloadKind::kReal) return std::bit_cast<double>(bits_);
      return kind() == PayloadKind::kInteger ? std::optional(static_cast<double>(integer())) : std::nullopt;
    } else if constexpr (std::same_as<T, std::string_view>) {
      return kind() == PayloadKind::kText ? std::optional(view()) : std::nullopt;
    } else {
      static_assert(std::same_as<T, PackView>, "handlers take bool, int64_t, double, string_view, PackView or Payload");
      return kind() == PayloadKind::kPacked ? std::optional(PackView(view())) : std::nullopt;
    }
  }

  // The same value with its bytes elsewhere.
  [[nodiscard]] Payload moved_to(const char* place) const {
    Payload moved = *this;
    moved.bits_ = std::bit_cast<std::uint64_t>(place);
    return moved;
  }

 private:
  static constexpr unsigned kSizeShift = 8;
  static constexpr std::uint64_t head_of(PayloadKind kind) { return static_cast<std::uint64_t>(kind); }
  Payload(PayloadKind kind, BytesView bytes)
      : bits_(std::bit_cast<std::uint64_t>(bytes.data())), head_(head_of(kind) | bytes.size() << kSizeShift) {
    YARD_CHECK(bytes.size() <= kPayloadBytesMax);
  }

  [[nodiscard]] std::int64_t integer() const { return std::bit_cast<std::int64_t>(bits_); }
  [[nodiscard]] const char* data() const { return std::bit_cast<const char*>(bits_); }

  std::uint64_t bits_ = 0;  // the number, or where the bytes are
  std::uint64_t head_ = 0;  // the kind, and how many bytes: two words, so that compilers keep them in registers
};
static_assert(sizeof(Payload) == 16 && std::is_trivially_copyable_v<Payload>, "two registers");

// Appends the payload as one msgpack value: a pulse is nil. Payload::of() gives it again.
void append_pack(PackWriter& writer, Payload payload);

// Equal payloads become equal bytes: one msgpack value in canonical form.
[[nodiscard]] Bytes canonical_pack(Payload payload);

}  // namespace yard::ports
