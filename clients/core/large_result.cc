#include "clients/core/large_result.h"

#include <algorithm>

#include "engine/base/base64.h"
#include "engine/base/pack.h"

namespace yard::client {
namespace {

constexpr std::uint64_t kPartBytes = 1u << 20;  // as much as one cas_get gives
constexpr std::uint64_t kResultBytesMax = 64u << 20;

Result<Bytes> fetch_part(Client& client, std::string_view hash, std::uint64_t offset) {
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).string("hash", hash).natural("offset", offset).natural("length", kPartBytes);
  YARD_TRY(const Reply reply, client.call_wait("cas_get", arguments));
  const PackView record = reply.view();
  if (record.find("state").string_or("") != "succeeded") return std::unexpected(parse_job_error(record));
  const PackView data = record.find("result").find("data");
  if (const auto binary = data.binary()) return Bytes(*binary);
  return from_base64(data.string_or(""));
}

Result<Bytes> fetch(Client& client, std::string_view hash, std::uint64_t size) {
  if (size > kResultBytesMax) return fail(ErrorCode::kTooLarge, "a result of " + std::to_string(size) + " bytes");
  Bytes bytes;
  while (bytes.size() < size) {
    YARD_TRY(const Bytes part, fetch_part(client, hash, bytes.size()));
    if (part.empty()) return fail(ErrorCode::kBadFrame, "a result that is shorter than its reference says");
    bytes += part;
  }
  YARD_TRY_STATUS(check_pack(bytes, kReplyLimits));
  return bytes;
}

}  // namespace

Result<Reply> with_whole_result(Client& client, Reply record) {
  const PackView view = record.view();
  const PackView reference = view.find("result_ref");
  if (!reference) return record;
  YARD_TRY(const Bytes result,
           fetch(client, reference.find("content_hash").string_or(""),
                 static_cast<std::uint64_t>(std::max<std::int64_t>(0, reference.find("size_bytes").integer_or(0)))));
  Reply whole{.verb = record.verb, .id = record.id};
  PackWriter writer(whole.body);
  {
    PackMap map(writer);
    view.each_pair([&](std::string_view key, PackView value) { map.raw(key, value.bytes()); });
    map.raw("result", result);
  }
  return whole;
}

}  // namespace yard::client
