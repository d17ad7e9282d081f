#include "engine/base/pack_canonical.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace yard {
namespace {

void write_canonical(PackWriter& writer, PackView value);

void write_map(PackWriter& writer, PackView map) {
  std::vector<std::pair<std::string_view, PackView>> pairs;
  pairs.reserve(map.size());
  map.each_pair([&](std::string_view key, PackView value) { pairs.emplace_back(key, value); });
  std::ranges::sort(pairs, {}, &std::pair<std::string_view, PackView>::first);
  writer.map(static_cast<std::uint32_t>(pairs.size()));
  for (const auto& [key, value] : pairs) {
    writer.string(key);
    write_canonical(writer, value);
  }
}

// As deep as the check of the value allows.
void write_canonical(PackWriter& writer, PackView value) {
  PackToken token;
  if (!PackCursor(value.bytes()).next(token)) return;
  switch (token.type) {
    case PackType::kNil: return writer.nil();
    case PackType::kBoolean: return writer.boolean(token.boolean);
    case PackType::kInteger: return token.above_int64 ? writer.natural(token.natural) : writer.integer(token.integer);
    case PackType::kReal: return writer.real(token.real);
    case PackType::kString: return writer.string(token.bytes);
    case PackType::kBinary: return writer.binary(token.bytes);
    case PackType::kArray:
      writer.array(token.count);
      return value.each_element([&](PackView element) { write_canonical(writer, element); });
    case PackType::kMap: return write_map(writer, value);
  }
}

}  // namespace

Bytes canonical_pack(PackView value) {
  Bytes bytes;
  PackWriter writer(bytes);
  write_canonical(writer, value);
  return bytes;
}

}  // namespace yard
