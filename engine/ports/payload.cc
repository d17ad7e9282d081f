#include "engine/ports/payload.h"

#include "engine/base/pack_canonical.h"

namespace yard::ports {

Payload Payload::of(PackView value) {
  switch (value.type().value_or(PackType::kNil)) {
    case PackType::kNil: return {};
    case PackType::kBoolean: return *value.boolean();
    case PackType::kInteger: {
      const auto integer = value.integer();
      return integer ? Payload(*integer) : packed(value);
    }
    case PackType::kReal: return *value.real();
    case PackType::kString: return text(*value.string());
    case PackType::kBinary: return bytes(*value.binary());
    case PackType::kArray:
    case PackType::kMap: break;
  }
  return packed(value);
}

void append_pack(PackWriter& writer, Payload payload) {
  switch (payload.kind()) {
    case PayloadKind::kPulse: return writer.nil();
    case PayloadKind::kBoolean: return writer.boolean(*payload.get<bool>());
    case PayloadKind::kInteger: return writer.integer(*payload.get<std::int64_t>());
    case PayloadKind::kReal: return writer.real(*payload.get<double>());
    case PayloadKind::kText: return writer.string(payload.view());
    case PayloadKind::kBytes: return writer.binary(payload.view());
    case PayloadKind::kPacked: return writer.raw(payload.view());
  }
}

Bytes canonical_pack(Payload payload) {
  Bytes bytes;
  PackWriter writer(bytes);
  append_pack(writer, payload);
  return canonical_pack(PackView(bytes));
}

}  // namespace yard::ports
