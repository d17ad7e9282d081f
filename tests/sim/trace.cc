#include "tests/sim/trace.h"

#include <cinttypes>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "dispatch/wire/message.h"
#include "engine/base/id.h"

namespace yard::sim {

namespace {

// The first value of a body: a call's options come before its arguments.
std::string printed(BytesView packed) {
  const auto json = nlohmann::json::from_msgpack(packed, false, false);
  return json.is_discarded() ? "" : json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void print_frame(std::string_view what, std::string_view who, BytesView frame) {
  std::printf("%.*s %.*s", static_cast<int>(what.size()), what.data(), static_cast<int>(who.size()), who.data());
  if (const auto message = wire::decode(frame)) {
    const wire::Header& header = message->header;
    std::printf(" %s %s fence=%" PRIu64 " correlation=%" PRIu64 " %s %s", std::string(name_of(header.verb)).c_str(),
                to_hex(header.id).c_str(), header.fence, header.correlation, std::string(message->tool).c_str(),
                printed(message->body).c_str());
  }
  std::printf("\n");
}

void print_record(const jobs::Record& record) {
  std::printf("record %" PRIu64 " kind=%u %s %s\n", record.head.lsn, static_cast<unsigned>(record.head.kind),
              to_hex(record.head.job.value()).c_str(), printed(record.body).c_str());
}

}  // namespace yard::sim
