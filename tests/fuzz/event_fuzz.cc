// Any bytes decode to an event or to an error; a stream log gives back exactly what it kept.
#include "engine/base/check.h"
#include "iopub/event.h"
#include "iopub/stream_log.h"
#include "tests/fuzz/fuzz.h"

namespace yard {
namespace {

void decode(BytesView frame) {
  const auto event = iopub::decode_event(frame);
  if (!event) {
    YARD_CHECK(event.error().code == ErrorCode::kBadFrame);
    return;
  }
  Bytes again;
  iopub::encode_event(again, event->topic, event->header, event->body);
  const auto second = iopub::decode_event(again);
  YARD_CHECK(second && second->topic == event->topic && second->header == event->header && second->body == event->body);
  (void)iopub::job_of_topic(event->topic);
}

// The first byte bounds the log, then each byte is the length of an event of the bytes that follow.
void fill(BytesView input) {
  if (input.empty()) return;
  const std::size_t bytes_max = 8u * static_cast<unsigned char>(input[0]);
  iopub::StreamLog log(bytes_max);
  std::uint64_t appended = 0;
  for (std::size_t at = 1; at < input.size(); ++at) {
    const std::size_t length = static_cast<unsigned char>(input[at]);
    YARD_CHECK(log.append({.lsn = length}, input.substr(at, length)).seq == ++appended);
    YARD_CHECK(log.bytes() <= bytes_max);
    YARD_CHECK(log.last() == appended && log.oldest() >= 1 && log.oldest() <= appended + 1);
  }
  std::uint64_t next = log.oldest();
  log.replay(0, [&](const iopub::EventHeader& header, BytesView body) {
    YARD_CHECK(header.seq == next++ && body.size() <= header.lsn);
    return true;
  });
  YARD_CHECK(next == appended + 1);
}

}  // namespace
}  // namespace yard

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const yard::BytesView bytes(reinterpret_cast<const char*>(data), size);
  yard::decode(bytes);
  yard::fill(bytes);
  return 0;
}
