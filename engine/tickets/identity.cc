#include "engine/tickets/identity.h"

#include "engine/base/check.h"
#include "engine/base/little_endian.h"
#include "engine/base/pack_canonical.h"

namespace yard::tickets {
namespace {

// Distinct tuples become distinct bytes: each part says how long it is.
void add_part(Bytes& tuple, BytesView part) {
  append_in_place(tuple, sizeof(std::uint32_t),
                  [&](char* place) { store_le(place, static_cast<std::uint32_t>(part.size())); });
  tuple.append(part);
}
template <typename T>
void add_number(Bytes& tuple, T number) {
  append_in_place(tuple, sizeof number, [&](char* place) { store_le(place, number); });
}

}  // namespace

std::uint64_t step_seed(std::uint64_t event_id, std::string_view reducer, BytesView key) {
  Bytes tuple;
  add_number(tuple, event_id);
  add_part(tuple, reducer);
  add_part(tuple, key);
  return hash64(tuple);
}

std::uint16_t lane_of(BytesView key, std::uint32_t lanes) {
  YARD_CHECK(lanes >= 1 && lanes <= 65'536);
  return static_cast<std::uint16_t>(hash64(key) % lanes);
}

Bytes idempotency_key(std::uint64_t event_id, std::uint32_t index, BytesView business) {
  Bytes key;
  add_number(key, event_id);
  add_number(key, index);
  key.append(business);
  return key;
}

Hash128 intent_hash(const Intent& intent) {
  Bytes tuple;
  add_part(tuple, intent.kind);
  add_part(tuple, canonical_pack(PackView(intent.params)));
  add_part(tuple, intent.cap);
  add_part(tuple, intent.key);
  return hash128(tuple);
}

}  // namespace yard::tickets
