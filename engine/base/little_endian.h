// Fixed-size little-endian fields, as the wire and the records have them.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>

#include "engine/base/bytes.h"
#include "engine/base/id.h"

namespace yard {

static_assert(std::endian::native == std::endian::little, "fields are copied as they lie in memory");

// `at + sizeof(T)` must lie within `bytes`.
template <std::integral T>
[[nodiscard]] T load_le(BytesView bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <std::integral T>
void store_le(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

[[nodiscard]] inline Uuid load_uuid(BytesView bytes, std::size_t at) { return uuid_from_bytes(bytes.substr(at, 16)); }
inline void store_uuid(char* at, const Uuid& uuid) { std::memcpy(at, uuid.octets.data(), uuid.octets.size()); }

}  // namespace yard
